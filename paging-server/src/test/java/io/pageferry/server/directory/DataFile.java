package io.pageferry.server.directory;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.page.PageRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A space's data as the tests of its directory need it: a sparse file whose holes are asked of the kernel. */
final class DataFile implements AutoCloseable {
    static final int PAGE = 4096;

    private final Path path;
    private final FileChannel channel;

    DataFile(Path path, long pageCount) throws IOException {
        this.path = path;
        this.channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (Descriptor file = FileCalls.open(path, FileCalls.OpenMode.READ_WRITE)) {
            FileCalls.truncate(file, pageCount * PAGE);
        }
    }

    void write(long pageIndex, byte content) throws IOException {
        byte[] page = new byte[PAGE];
        Arrays.fill(page, content);
        channel.write(ByteBuffer.wrap(page), pageIndex * PAGE);
    }

    void punch(long pageIndex) {
        try (Descriptor file = FileCalls.open(path, FileCalls.OpenMode.READ_WRITE)) {
            FileCalls.punchHole(file, pageIndex * PAGE, PAGE);
        }
    }

    /** The pages that are not holes. */
    List<PageRange> ranges() {
        List<PageRange> ranges = new ArrayList<>();
        try (Descriptor file = FileCalls.open(path, FileCalls.OpenMode.READ)) {
            for (long data = FileCalls.nextData(file, 0); data >= 0; ) {
                long hole = FileCalls.nextHole(file, data);
                ranges.add(PageRange.between(data / PAGE, (hole + PAGE - 1) / PAGE));
                data = FileCalls.nextData(file, hole);
            }
        }
        return ranges;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
