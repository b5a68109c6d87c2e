package io.pageferry.server.catalog;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * The records as they are now, in an off-heap Chronicle Map that is filled from the journal at each opening: a map in a
 * file would be one more thing that a crash can leave half changed, and would be trusted less than the journal anyway.
 * Its room is for every record at its largest, twice, so that no change that the journal holds can fail here; memory is
 * used only as far as it is written.
 */
final class RecordIndex implements AutoCloseable {
    static final int MAX_RECORDS = 1 << 14;
    static final int MAX_KEY_BYTES = 255;
    static final int MAX_VALUE_BYTES = 8 << 10;

    private static final int CHUNK_BYTES = 64;
    private static final int LARGEST_CHUNKS = (MAX_KEY_BYTES + MAX_VALUE_BYTES) / CHUNK_BYTES + 2;

    private final ChronicleMap<String, byte[]> map = ChronicleMap.of(String.class, byte[].class)
            .name("catalog")
            .entries(MAX_RECORDS)
            .averageKeySize(MAX_KEY_BYTES)
            .averageValueSize(MAX_VALUE_BYTES)
            .actualSegments(1)
            .entriesPerSegment(MAX_RECORDS)
            .actualChunkSize(CHUNK_BYTES)
            .actualChunksPerSegmentTier(2L * MAX_RECORDS * LARGEST_CHUNKS)
            .maxChunksPerEntry(LARGEST_CHUNKS)
            .putReturnsNull(true)
            .removeReturnsNull(true)
            .skipCloseOnExitHook(true)
            .create();

    Optional<byte[]> get(String key) {
        return Optional.ofNullable(map.get(key));
    }

    boolean contains(String key) {
        return map.containsKey(key);
    }

    /** The records under a prefix, sorted by key. */
    Map<String, byte[]> under(String prefix) {
        Map<String, byte[]> found = new TreeMap<>();
        map.forEachEntry(entry -> {
            String key = entry.key().get();
            if (key.startsWith(prefix)) {
                // Chronicle reads the next value of the same length into the same array.
                found.put(key, entry.value().get().clone());
            }
        });
        return found;
    }

    int size() {
        return map.size();
    }

    void apply(Change change) {
        switch (change) {
            case Change.Put put -> map.put(put.key(), put.value());
            case Change.Remove remove -> map.remove(remove.key());
        }
    }

    @Override
    public void close() {
        map.close();
    }
}
