package io.pageferry.server.directory;

import static io.pageferry.server.directory.ExtentLayout.LONG;
import static io.pageferry.server.directory.ExtentLayout.SIZE_BYTES;
import static io.pageferry.server.directory.ExtentLayout.TAG;
import static io.pageferry.server.directory.ExtentLayout.tag;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.hash.impl.VanillaChronicleHash;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.ExternalMapQueryContext;
import net.openhft.chronicle.map.MapEntry;
import org.jspecify.annotations.Nullable;

/**
 * The Chronicle Map behind a directory: extent index to {@link ExtentLayout} bytes. Chronicle finds and places entries;
 * their words are then read and written in place, through a mapping of the same file that Java checks and guards.
 *
 * <p>An entry never moves while the map is open: Chronicle relocates an entry only when its value grows out of its
 * chunks, and every value here has the same size; there is one segment with room for all extents, so it never chains
 * another tier; and the file is mapped once, from its beginning.
 *
 * <p>Chronicle writes an entry under its lock and this class looks at it afterwards, so each first touch of an extent is
 * one locked call, and no later touch is any.
 */
final class ExtentMap implements AutoCloseable {
    /** The key, the length of the value, and the padding that aligns the value to 8 bytes. */
    private static final int ENTRY_OVERHEAD_BYTES = 16;

    private static final int PAGE_BYTES = 4096;
    private static final int CHUNK_BYTES = (SIZE_BYTES + ENTRY_OVERHEAD_BYTES + 63) / 64 * 64;

    /** Storage is made for so many entries at once, which is for 64 MiB of the space's data. */
    private static final int ENTRIES_AHEAD = 64;

    private final ChronicleMap<Long, byte[]> map;
    private final Descriptor file;
    private final FileChannel channel;
    private final Arena arena;
    private final MemorySegment memory;
    private final ExtentTable table;
    private final long extentCount;
    private final byte[] fresh = new byte[SIZE_BYTES];
    /** How many entries there are; none is ever removed, so Chronicle places them one after the other. */
    private long entryCount;

    private long backedEntries;

    private ExtentMap(ChronicleMap<Long, byte[]> map, Path path, FileChannel channel, long extentCount)
            throws IOException {
        this.map = map;
        this.file = FileCalls.open(path, FileCalls.OpenMode.READ_WRITE);
        this.channel = channel;
        this.extentCount = extentCount;
        this.table = new ExtentTable(extentCount);
        this.arena = Arena.ofShared();
        this.memory = channel.map(MapMode.READ_WRITE, 0, channel.size(), arena);
    }

    /** Opens the file, or creates it where it is missing, and finds every entry. */
    static ExtentMap open(Path file, long extentCount) throws IOException {
        ChronicleMap<Long, byte[]> map = builder(file, extentCount).createPersistedTo(file.toFile());
        @Nullable FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            ExtentMap extents = new ExtentMap(map, file, channel, extentCount);
            map.forEachEntry(extents::register);
            extents.entryCount = map.longSize();
            extents.backedEntries = extents.entryCount;
            return extents;
        } catch (IOException | RuntimeException | Error e) {
            map.close();
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    private static ChronicleMapBuilder<Long, byte[]> builder(Path file, long extentCount) {
        return ChronicleMapBuilder.of(Long.class, byte[].class)
                .name(String.valueOf(file.getFileName()))
                .entries(extentCount)
                .averageValueSize(SIZE_BYTES)
                .entryAndValueOffsetAlignment(Long.BYTES)
                .actualSegments(1)
                .entriesPerSegment(extentCount)
                .actualChunkSize(CHUNK_BYTES)
                .actualChunksPerSegmentTier(extentCount)
                .maxChunksPerEntry(1)
                // The words change in place, behind Chronicle's back: a checksum an entry would always be wrong.
                .checksumEntries(false)
                .sparseFile(true)
                .putReturnsNull(true)
                // It would unmap the file under threads that still run.
                .skipCloseOnExitHook(true);
    }

    MemorySegment memory() {
        return memory;
    }

    ExtentTable table() {
        return table;
    }

    /** The offset in {@link #memory} of the extent's entry; makes the entry, empty, where there is none. */
    long findOrCreate(long extentIndex) {
        long offset = table.find(extentIndex);
        return offset != ExtentTable.ABSENT ? offset : create(extentIndex);
    }

    private synchronized long create(long extentIndex) {
        long offset = table.find(extentIndex);
        if (offset != ExtentTable.ABSENT) {
            return offset;
        }
        back(entryCount + 1);
        MemorySegment.ofArray(fresh).set(ValueLayout.JAVA_LONG_UNALIGNED, TAG, tag(extentIndex));
        map.put(extentIndex, fresh);
        try (ExternalMapQueryContext<Long, byte[], ?> context = map.queryContext(extentIndex)) {
            context.readLock().lock();
            MapEntry<Long, byte[]> entry = context.entry();
            if (entry == null) {
                throw new IllegalStateException("entry of extent " + extentIndex + " vanished from " + map.name());
            }
            register(entry);
        }
        entryCount++;
        return table.find(extentIndex);
    }

    /**
     * Makes storage for entries before Chronicle stores into them through its mapping, where a full device would be a
     * fault instead of an error. The first of them begins at most a page before {@code first}.
     */
    private void back(long entries) {
        if (entries <= backedEntries) {
            return;
        }
        long first = memory.byteSize() - (extentCount - backedEntries) * CHUNK_BYTES - PAGE_BYTES;
        try {
            allocate(first, Math.min(extentCount, entries + ENTRIES_AHEAD));
        } catch (LinuxException full) {
            allocate(first, entries);
        }
    }

    private void allocate(long from, long entries) {
        long end = memory.byteSize() - (extentCount - entries) * CHUNK_BYTES;
        FileCalls.allocate(file, Math.max(0, from), end - Math.max(0, from));
        backedEntries = entries;
    }

    /** Notes where an entry lies, after checking through the own mapping that it does lie there. */
    private void register(MapEntry<Long, byte[]> entry) {
        long extentIndex = entry.key().get();
        long address = entry.value().bytes().addressForRead(entry.value().offset());
        long offset = address - ((VanillaChronicleHash<?, ?, ?, ?>) map).bsAddress();
        if (extentIndex < 0
                || extentIndex >= extentCount
                || entry.value().size() != SIZE_BYTES
                || offset % Long.BYTES != 0
                || (long) LONG.get(memory, offset + TAG) != tag(extentIndex)) {
            throw new CorruptDirectoryException("entry of extent " + extentIndex + " at " + offset + " is damaged");
        }
        table.publish(extentIndex, offset);
    }

    /** Makes all that was written through any mapping of the file durable. */
    void force() throws IOException {
        channel.force(false);
    }

    /** After this, a late access throws {@link IllegalStateException} instead of touching memory that is gone. */
    @Override
    public void close() throws IOException {
        arena.close();
        map.close();
        channel.close();
        file.close();
    }
}
