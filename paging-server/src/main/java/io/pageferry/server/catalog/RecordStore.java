package io.pageferry.server.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** Records in memory and in the journal. Readers see each commit whole, and only once it is durable. */
final class RecordStore implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(Catalog.class.getName());
    /** Below this size the journal is not worth compacting. */
    private static final long MIN_COMPACTION_BYTES = Journal.ROOM_BYTES - JournalFormat.MAX_BODY_BYTES / 2;

    private final RecordIndex index;
    private final Journal journal;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    /** Size of the journal that the next compaction waits for; a multiple of what the last one left. */
    private long compactionBytes;

    private boolean closed;

    private RecordStore(RecordIndex index, Journal journal) {
        this.index = index;
        this.journal = journal;
    }

    static RecordStore create(Path path, List<Change> records) throws IOException {
        Journal journal = Journal.create(path, records);
        RecordIndex index = new RecordIndex();
        records.forEach(index::apply);
        return new RecordStore(index, journal).started();
    }

    static RecordStore open(Path path) throws IOException {
        RecordIndex index = new RecordIndex();
        try {
            Journal journal = Journal.open(
                    path,
                    changes -> changes.forEach(index::apply),
                    bytes -> LOGGER.log(
                            Level.WARNING,
                            "{0} ends in a commit that was not finished: dropped {1} bytes of it",
                            path,
                            bytes));
            RecordStore store = new RecordStore(index, journal);
            store.compactInService();
            return store;
        } catch (IOException | RuntimeException e) {
            index.close();
            throw e;
        }
    }

    private RecordStore started() {
        compactionBytes = Math.max(MIN_COMPACTION_BYTES, 4 * journal.sizeBytes());
        return this;
    }

    Optional<byte[]> get(String key) {
        return reading(() -> index.get(key));
    }

    boolean contains(String key) {
        return reading(() -> index.contains(key));
    }

    Map<String, byte[]> under(String prefix) {
        return reading(() -> index.under(prefix));
    }

    private <T> T reading(Supplier<T> read) {
        lock.readLock().lock();
        try {
            requireOpen();
            return read.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Makes the changes durable, then visible. */
    void commit(List<Change> changes) {
        requireWithinLimits(changes);
        lock.writeLock().lock();
        try {
            requireOpen();
            if (index.size() + changes.size() > RecordIndex.MAX_RECORDS) {
                throw new CatalogLimitException(
                        "the catalog has room for " + RecordIndex.MAX_RECORDS + " records",
                        "remove what is not needed");
            }
            journal.commit(changes);
            changes.forEach(index::apply);
            if (journal.sizeBytes() > compactionBytes) {
                compactInService();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the catalog's journal cannot be written: " + e.getMessage(), e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The commit stands, so a compaction that fails is only reported; it is tried again when the journal has doubled. */
    private void compactInService() {
        try {
            compact();
            started();
        } catch (IOException e) {
            compactionBytes = 2 * journal.sizeBytes();
            LOGGER.log(Level.WARNING, "the catalog's journal could not be compacted", e);
        }
    }

    private void compact() throws IOException {
        journal.compact(index.under(""));
    }

    private static void requireWithinLimits(List<Change> changes) {
        if (changes.isEmpty() || changes.size() > JournalFormat.MAX_CHANGES) {
            throw new CatalogLimitException(
                    "a commit has 1 to " + JournalFormat.MAX_CHANGES + " changes, not " + changes.size(),
                    "commit in several steps");
        }
        for (Change change : changes) {
            int keyBytes = change.key().getBytes(StandardCharsets.UTF_8).length;
            if (keyBytes < 1 || keyBytes > RecordIndex.MAX_KEY_BYTES) {
                throw new CatalogLimitException(
                        "a record's key has 1 to " + RecordIndex.MAX_KEY_BYTES + " bytes, not " + keyBytes,
                        "use a shorter name");
            }
            if (change instanceof Change.Put put && put.value().length > RecordIndex.MAX_VALUE_BYTES) {
                throw new CatalogLimitException(
                        "record " + change.key() + " has " + put.value().length + " bytes, the most is "
                                + RecordIndex.MAX_VALUE_BYTES,
                        "store less in it");
            }
        }
        if (JournalFormat.commitBytes(changes) > JournalFormat.MAX_BODY_BYTES) {
            throw new CatalogLimitException(
                    "a commit has at most " + JournalFormat.MAX_BODY_BYTES + " bytes", "commit in several steps");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the catalog is closed");
        }
    }

    @Override
    public void close() throws IOException {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                index.close();
                journal.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
