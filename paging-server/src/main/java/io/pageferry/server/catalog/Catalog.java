package io.pageferry.server.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a pool knows about its spaces: records in a journal, {@code catalog.journal}, indexed by a Chronicle Map. Every
 * change is durable when the method returns, and several records change in one atomic step. Thread-safe; the pool's
 * folder is locked against a second server ({@code catalog.lock}).
 *
 * <p>Methods throw a {@link CatalogException} where they refuse, {@link IllegalArgumentException} for names and times that
 * are not allowed, and {@link UncheckedIOException} where the journal cannot be written; then nothing changed.
 */
public final class Catalog implements AutoCloseable {
    public static final int MAX_SPACES = 4096;

    private static final Logger LOGGER = System.getLogger(Catalog.class.getName());

    private final FileChannel lockFile;
    private final RecordStore records;
    private final Leases leases;

    private Catalog(FileChannel lockFile, RecordStore records, InstantSource clock) {
        this.lockFile = lockFile;
        this.records = records;
        this.leases = new Leases(records, clock);
    }

    /** Opens the catalog of a pool by the system's clock. */
    public static Catalog open(Path poolDir) throws IOException {
        return open(poolDir, InstantSource.system());
    }

    /**
     * Opens the catalog of a pool, or makes it where it is missing.
     *
     * @param clock tells when leases expire
     * @throws CatalogDamagedException if acknowledged changes cannot be read any more
     * @throws IOException if files cannot be read or written, or another server has the pool open
     */
    public static Catalog open(Path poolDir, InstantSource clock) throws IOException {
        FileChannel lockFile = lock(poolDir);
        try {
            Path journal = poolDir.resolve("catalog.journal");
            RecordStore records = Files.exists(journal)
                    ? RecordStore.open(journal)
                    : RecordStore.create(journal, firstRecords(poolDir, journal, clock));
            return new Catalog(lockFile, records, clock);
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static FileChannel lock(Path poolDir) throws IOException {
        Path path = poolDir.resolve("catalog.lock");
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Held within this process: the same answer.
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new IOException("the pool " + poolDir + " is open in another server; stop that one first");
    }

    /** Where spaces outlived their catalog, epochs go on from the clock, above any that can have been handed out. */
    private static List<Change> firstRecords(Path poolDir, Path journal, InstantSource clock) throws IOException {
        try (DirectoryStream<Path> spaces = Files.newDirectoryStream(poolDir, "*.space")) {
            if (!spaces.iterator().hasNext()) {
                return List.of();
            }
        }
        LOGGER.log(Level.WARNING, "{0} is missing: all leases are lost; epochs go on above all earlier ones", journal);
        return List.of(Change.put(Leases.FLOOR_KEY, RecordCodec.encode(clock.millis())));
    }

    /** Whom to ask to cut off writers before a lease changes hands; nobody until this is called. */
    public void fenceWith(Fence fence) {
        leases.fenceWith(fence);
    }

    // Spaces.

    /** Adds a space; throws {@link SpaceExistsException}, or {@link CatalogLimitException} above 4096 spaces. */
    public void addSpace(SpaceRecord space) {
        leases.exclusively(space.name(), () -> {
            if (records.contains(spaceKey(space.name()))) {
                throw new SpaceExistsException(space.name());
            }
            if (records.under("space/").size() >= MAX_SPACES) {
                throw new CatalogLimitException(
                        "the pool has " + MAX_SPACES + " spaces, which is the most", "delete spaces that are not used");
            }
            records.commit(List.of(Change.put(spaceKey(space.name()), RecordCodec.encode(space))));
        });
    }

    /**
     * Removes a space with its lease, after its writers were cut off; a space of the same name that is added later goes
     * on above its epochs. Throws {@link UnknownSpaceException}.
     */
    public void removeSpace(String name) {
        leases.removeSpace(name, spaceKey(name));
    }

    public Optional<SpaceRecord> space(String name) {
        return records.get(spaceKey(name)).map(json -> RecordCodec.decodeSpace(name, json));
    }

    /** All spaces, by name. */
    public List<SpaceRecord> spaces() {
        return records.under("space/").entrySet().stream()
                .map(record -> RecordCodec.decodeSpace(record.getKey().substring("space/".length()), record.getValue()))
                .toList();
    }

    // Leases.

    /**
     * Takes the lease of a space that nobody holds, or whose lease has expired. Whoever wrote the space before is cut off
     * first.
     *
     * @param holder who takes it, in words
     * @param ttl how long it is held unless renewed, 1 ms to 7 days
     * @throws LeaseHeldException if it is held, by whoever
     * @throws UnknownSpaceException if there is no such space
     */
    public Lease acquire(String space, String holder, Duration ttl) {
        return leases.acquire(space, holder, ttl, List.of());
    }

    /** As {@link #acquire(String, String, Duration)}, with other changes in the same atomic, durable step. */
    public Lease acquire(String space, String holder, Duration ttl, List<Change> alongside) {
        return leases.acquire(space, holder, ttl, alongside);
    }

    /**
     * Sets a lease's expiry to {@code ttl} from now. An expired lease can be renewed until somebody else took it.
     *
     * @throws LeaseLostException if the token does not hold the lease
     */
    public Lease renew(String space, String token, Duration ttl) {
        return leases.renew(space, token, ttl);
    }

    /**
     * Hands a lease to a new holder, with a new token and the next epoch. The old holder is cut off first.
     *
     * @throws LeaseLostException if the token does not hold the lease
     */
    public Lease transfer(String space, String token, String newHolder, Duration ttl) {
        return leases.transfer(space, token, newHolder, ttl, List.of());
    }

    /** As {@link #transfer(String, String, String, Duration)}, with other changes in the same atomic, durable step. */
    public Lease transfer(String space, String token, String newHolder, Duration ttl, List<Change> alongside) {
        return leases.transfer(space, token, newHolder, ttl, alongside);
    }

    /**
     * Gives a lease back. Its holder is cut off first.
     *
     * @throws LeaseLostException if the token does not hold the lease
     */
    public void release(String space, String token) {
        leases.release(space, token, List.of());
    }

    /** As {@link #release(String, String)}, with other changes in the same atomic, durable step. */
    public void release(String space, String token, List<Change> alongside) {
        leases.release(space, token, alongside);
    }

    /** The lease of a space, which may have expired; empty if it was never taken, or was released. */
    public Optional<Lease> lease(String space) {
        return leases.current(space);
    }

    /**
     * Whether somebody may write a space now: with a token, if it holds the lease and the lease has not expired; without
     * one, if there is no lease. While the lease is changing hands, nobody may.
     *
     * <p>Whoever admits connections first lists the connection where {@link Fence#fence} will find it and then asks here;
     * so a connection is either found by the fence or refused here.
     *
     * @return the epoch to write under, 0 without a lease; empty if reading is all that is allowed
     */
    public OptionalLong writerEpoch(String space, @Nullable String token) {
        return leases.writerEpoch(space, token);
    }

    // Other records.

    /**
     * Makes several changes in one atomic, durable step: after a crash all of them are there or none. For records of other
     * kinds than spaces and leases.
     *
     * @throws CatalogLimitException if a key, a value or their number is too large
     */
    public void commit(List<Change> changes) {
        for (Change change : changes) {
            if (Leases.isReserved(change.key())) {
                throw new IllegalArgumentException("records " + change.key() + " change by methods of their own");
            }
        }
        records.commit(changes);
    }

    public Optional<byte[]> record(String key) {
        return records.get(key);
    }

    /** The records whose keys begin with a prefix, sorted by key. */
    public Map<String, byte[]> recordsUnder(String prefix) {
        return records.under(prefix);
    }

    @Override
    public void close() throws IOException {
        records.close();
        lockFile.close();
    }

    static String spaceKey(String name) {
        return "space/" + name;
    }
}
