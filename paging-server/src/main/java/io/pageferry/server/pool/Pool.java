package io.pageferry.server.pool;

import io.pageferry.linux.Descriptor;
import io.pageferry.server.pool.PoolException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A folder of paging spaces. What exists is what the folder holds; a space is opened by its first user and stays open
 * until the pool closes or the space is deleted. One process at a time may use a pool. Thread-safe.
 */
public final class Pool implements AutoCloseable {
    /** The largest space: half of what a process can map. */
    public static final long MAX_SIZE_BYTES = 64L << 40;

    private final PoolFiles files;
    private final FileChannel lock;
    private final Map<String, PagingSpace> open = new ConcurrentHashMap<>();
    /** Deleted, but not closed by their last user yet: their names are not free. */
    private final Set<String> leaving = ConcurrentHashMap.newKeySet();

    private Pool(PoolFiles files, FileChannel lock) {
        this.files = files;
        this.lock = lock;
    }

    /** A space as the folder shows it; {@code usedBytes} is known of open spaces. */
    public record SpaceInfo(String name, long sizeBytes, OptionalLong quotaBytes, OptionalLong usedBytes) {}

    /** Opens a pool, and makes its folder if it is missing.
     *
     * @throws PoolException (UNUSABLE) if it is no folder to write in, or another process uses it */
    public static Pool open(Path folder) {
        PoolFiles files = new PoolFiles(folder);
        try {
            Files.createDirectories(folder);
            FileChannel lock = files.lock();
            files.requireHoles();
            files.warmUp();
            return new Pool(files, lock);
        } catch (IOException e) {
            throw new PoolException(Reason.UNUSABLE, "cannot use " + folder + " as a pool: " + e, e);
        }
    }

    /** Makes a space, all of it a hole. To keep using it, {@link #acquire} it. */
    public synchronized PagingSpace create(String name, long sizeBytes, OptionalLong quotaBytes) {
        SpaceName.check(name);
        if (sizeBytes < 1 || sizeBytes > MAX_SIZE_BYTES) {
            throw new PoolException(
                    Reason.INVALID, "a space has 1 to " + MAX_SIZE_BYTES + " bytes (64 TiB), not " + sizeBytes);
        }
        if (quotaBytes.isPresent() && quotaBytes.getAsLong() < 0) {
            throw new PoolException(Reason.INVALID, "a quota is 0 or more bytes, not " + quotaBytes.getAsLong());
        }
        if (files.exists(name)) {
            throw new PoolException(Reason.EXISTS, "there is a space '" + name + "' already: delete it first");
        }
        if (leaving.contains(name)) {
            throw new PoolException(
                    Reason.IN_USE, "the deleted space '" + name + "' is still in use: wait until its connections end");
        }
        try {
            files.create(name, sizeBytes, quotaBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open(name, true);
    }

    /** The space, opened if it was not; whoever goes on using it acquires it. @throws PoolException (UNKNOWN) */
    public PagingSpace open(String name) {
        return open(name, false);
    }

    private synchronized PagingSpace open(String name, boolean isNew) {
        PagingSpace space = open.get(name);
        if (space != null) {
            return space;
        }
        requireExisting(name);
        SpaceFile file = SpaceFile.open(name, files.space(name));
        try {
            space = new PagingSpace(file, files.directory(name), files.readQuota(name), this::reclaimAhead, isNew);
        } catch (IOException e) {
            file.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
        open.put(name, space);
        return space;
    }

    /** The space with one more user, who must release it. @throws PoolException (UNKNOWN) if it does not exist */
    public synchronized PagingSpace acquire(String name) {
        PagingSpace space = open(name);
        if (!space.uses().tryAcquire()) {
            throw new IllegalStateException("a space in the pool is open: " + name);
        }
        return space;
    }

    public boolean exists(String name) {
        return files.exists(name);
    }

    public List<SpaceInfo> list() {
        try {
            List<SpaceInfo> infos = new ArrayList<>();
            for (String name : files.names()) {
                PagingSpace space = open.get(name);
                OptionalLong used = space == null ? OptionalLong.empty() : OptionalLong.of(space.usedBytes());
                infos.add(new SpaceInfo(name, Files.size(files.space(name)), files.readQuota(name), used));
            }
            return infos;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Deletes a space and gives its storage back; with {@code force} also while it is used, in which case the storage
     * stays until the last user and all who have it mapped are gone, and holds what it held.
     *
     * @throws PoolException (UNKNOWN, IN_USE)
     */
    public synchronized void delete(String name, boolean force) {
        requireExisting(name);
        PagingSpace space = open.get(name);
        int users = space == null ? 0 : space.uses().others();
        if (users > 0 && !force) {
            throw new PoolException(
                    Reason.IN_USE,
                    "space '" + name + "' is in use by " + users
                            + " connections: disconnect them, or delete with force");
        }
        Descriptor file;
        try {
            file = files.deleteSpace(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.remove(name);
        if (users > 0) file.close();
        else PoolFiles.empty(file);
        if (space == null) {
            deleteRest(name);
        } else {
            leaving.add(name);
            space.afterClose(() -> deleteRest(name));
            space.uses().release();
        }
    }

    private void deleteRest(String name) {
        try {
            files.deleteRest(name);
            leaving.remove(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes every space, once its users have released it, and lets other processes use the folder. */
    @Override
    public synchronized void close() {
        open.values().forEach(space -> space.uses().release());
        open.clear();
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void reclaimAhead() {
        open.values().forEach(PagingSpace::releaseUnused);
    }

    private void requireExisting(String name) {
        if (!files.exists(name)) {
            throw new PoolException(Reason.UNKNOWN, "there is no space '" + name + "' in the pool");
        }
    }
}
