package io.pageferry.server.pool;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Errno;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.server.directory.PageDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Which files a pool's folder holds: {@code NAME.space}, {@code NAME.directory}, {@code NAME.quota}, {@code pool.lock}. */
final class PoolFiles {
    private static final System.Logger LOG = System.getLogger(PoolFiles.class.getName());
    private static final String SPACE = ".space";
    private static final long PROBE_BYTES = 4096;

    private final Path folder;

    PoolFiles(Path folder) {
        this.folder = folder;
    }

    Path space(String name) {
        return folder.resolve(name + SPACE);
    }

    Path directory(String name) {
        return folder.resolve(name + ".directory");
    }

    private Path quota(String name) {
        return folder.resolve(name + ".quota");
    }

    boolean exists(String name) {
        return SpaceName.isValid(name) && Files.isRegularFile(space(name));
    }

    /** The names of all spaces, in order. */
    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(file -> file.endsWith(SPACE))
                    .map(file -> file.substring(0, file.length() - SPACE.length()))
                    .filter(SpaceName::isValid)
                    .sorted()
                    .toList();
        }
    }

    OptionalLong readQuota(String name) throws IOException {
        if (!Files.exists(quota(name))) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(Files.readString(quota(name)).strip()));
    }

    /** The quota first, the space last: a crash between leaves no space without its quota. */
    void create(String name, long sizeBytes, OptionalLong quotaBytes) throws IOException {
        Files.deleteIfExists(quota(name));
        PageDirectory.delete(directory(name));
        if (quotaBytes.isPresent()) {
            Files.writeString(quota(name), quotaBytes.getAsLong() + "\n");
        }
        SpaceFile.create(space(name), sizeBytes);
        syncFolder();
    }

    /**
     * The space first: once it is gone, the rest means nothing. Whoever has it open can go on using it.
     *
     * @return the file, which has no name any more
     */
    Descriptor deleteSpace(String name) throws IOException {
        Descriptor file = FileCalls.open(space(name), FileCalls.OpenMode.READ_WRITE);
        try {
            Files.deleteIfExists(space(name));
            syncFolder();
            return file;
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    /**
     * Gives the storage of a deleted space back that nobody uses: an agent may keep a mapping of one in memory for its next migration.
     */
    static void empty(Descriptor file) {
        try (file) {
            long pageCount = (FileCalls.size(file) + SpaceFile.PAGE_BYTES - 1) >>> SpaceFile.PAGE_SHIFT;
            if (FileCalls.isInMemory(file)) FileCalls.punchHole(file, 0, pageCount << SpaceFile.PAGE_SHIFT);
        } catch (LinuxException failure) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the storage of a deleted space is given back by its last user",
                    failure);
        }
    }

    /** The rest, once nobody has the space open. */
    void deleteRest(String name) throws IOException {
        PageDirectory.delete(directory(name));
        Files.deleteIfExists(quota(name));
    }

    /** Locks the pool for this process, until the channel closes. */
    FileChannel lock() throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("pool.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // this process itself has it: refused below
        }
        channel.close();
        throw new PoolException(
                PoolException.Reason.UNUSABLE,
                "the pool " + folder + " is in use by another paging server: stop it, or use another folder");
    }

    /** Makes sure that the filesystem has what a space needs: allocation and holes. */
    void requireHoles() throws IOException {
        Path probe = folder.resolve("pool.probe");
        try (Descriptor file = FileCalls.open(probe, FileCalls.OpenMode.CREATE)) {
            FileCalls.truncate(file, PROBE_BYTES);
            FileCalls.allocate(file, 0, PROBE_BYTES);
            FileCalls.punchHole(file, 0, PROBE_BYTES);
        } catch (LinuxException e) {
            // A full device says nothing about the filesystem; its spaces can still be read.
            if (e.errno() != Errno.ENOSPC) {
                throw new PoolException(
                        PoolException.Reason.UNUSABLE,
                        "the filesystem of " + folder
                                + " cannot allocate or punch holes: use tmpfs, ext4, XFS or Btrfs (" + e.getMessage()
                                + ")");
            }
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Makes a directory and removes it; without it, the first client pays for Chronicle's start. */
    void warmUp() {
        try {
            PageDirectory.warmUp(folder.resolve("pool.warmup"));
        } catch (IOException | RuntimeException e) {
            // A full device above all: the spaces in the pool can still be read.
            LOG.log(System.Logger.Level.DEBUG, "no page directory was tried in " + folder, e);
        }
    }

    private void syncFolder() {
        try (Descriptor open = FileCalls.open(folder, FileCalls.OpenMode.READ)) {
            FileCalls.sync(open);
        }
    }
}
