package io.pageferry.server.directory;

import io.pageferry.page.PageRange;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens one directory: takes its seal, trusts the file under it or rebuilds the file, and holds the result against the
 * data file.
 *
 * <p>A directory without a seal is not repaired but rebuilt. The data file's holes tell exactly which pages hold data,
 * and the sequence numbers in it have lost their meaning with the connections that compared them; a map that a crash left
 * half changed, on the other hand, would be read through raw addresses taken from it.
 */
final class DirectoryOpening {
    private static final Logger LOGGER = System.getLogger(PageDirectory.class.getName());

    /** Above what was seen: 16 bytes of hash lookup and a bit of a free list, in a file with a header. */
    private static final long STRUCTURE_BYTES_PER_EXTENT = 20;

    private static final long FIXED_BYTES = 1 << 16;

    private final Path file;
    private final long pageCount;
    private final long extentCount;
    private final Supplier<List<PageRange>> dataRanges;

    DirectoryOpening(Path file, long pageCount, Supplier<List<PageRange>> dataRanges) {
        this.file = file;
        this.pageCount = pageCount;
        this.extentCount = ExtentLayout.extentCount(pageCount);
        this.dataRanges = dataRanges;
    }

    /** @param spaceIsNew whether nothing can have been written to the space, or discarded, before this */
    PageDirectory open(boolean spaceIsNew) throws IOException {
        List<PageRange> data = dataRanges.get();
        boolean existed = Files.exists(file);
        if (existed) {
            requireUnused();
        }
        Optional<DirectorySeal> seal = DirectorySeal.take(file);
        @Nullable ExtentMap map = null;
        String reason = "it was not closed";
        if (seal.isPresent()) {
            reason = "it is not the file that was closed";
            if (seal.get().fits(file, pageCount)) {
                try {
                    map = ExtentMap.open(file, extentCount);
                } catch (IOException | RuntimeException | AssertionError | InternalError e) {
                    reason = String.valueOf(e);
                }
            }
        }
        // Where all was discarded, neither file nor data tells that the space was in use: its user must.
        boolean rebuilt = map == null && (existed || !data.isEmpty() || !spaceIsNew);
        if (map == null) {
            warn(existed, rebuilt, reason);
            Files.deleteIfExists(file);
            requireRoom();
            map = ExtentMap.open(file, extentCount);
        }
        PageDirectory directory = new PageDirectory(file, pageCount, map, firstSequence(seal), rebuilt);
        markData(directory, data);
        return directory;
    }

    /** Chronicle writes a new map's structure through its mapping, where a full device would be a fault. */
    private void requireRoom() throws IOException {
        long needed = FIXED_BYTES + extentCount * STRUCTURE_BYTES_PER_EXTENT;
        if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() < needed) {
            throw new IOException("no room for " + file + ", which needs " + needed
                    + " bytes to begin with: free some on its device");
        }
    }

    private void warn(boolean existed, boolean rebuilt, String reason) {
        if (existed) {
            LOGGER.log(Level.WARNING, "rebuilding {0} from the space''s data: {1}", file, reason);
        } else if (rebuilt) {
            LOGGER.log(Level.WARNING, "rebuilding {0} from the space''s data: it is missing", file);
        }
    }

    /** Above the last number of the sealed file, and above what a run that left no seal can have reached. */
    private static long firstSequence(Optional<DirectorySeal> seal) {
        long clock = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        return Math.max(clock, seal.map(DirectorySeal::sequence).orElse(0L) + 1);
    }

    /** Marks every page that holds data and is not marked: a page with data is never taken for a hole. */
    private static void markData(PageDirectory directory, List<PageRange> data) {
        for (PageRange range : data) {
            directory.runs(range.firstPage(), range.pageCount(), (first, pages, written) -> {
                if (!written) {
                    directory.markWritten(first, pages);
                }
            });
        }
    }

    /** Rebuilding a file under the feet of a process that uses it would destroy that process. */
    private void requireUnused() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new IOException(file + " is in use by another process: stop the server that has this pool open");
            }
        } catch (OverlappingFileLockException e) {
            throw new IOException(file + " is already open in this process", e);
        }
    }
}
