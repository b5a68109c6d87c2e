package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.ExtentFlags;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.client.Extent;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdUri;
import io.pageferry.page.PageSet;
import io.pageferry.server.PagingServerMain;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.server.pool.Pool;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of the server, and its map of the written pages is lost. Invariant: who asks since when pages were written is
 * told too much after that, and never too little: a page that was written, or discarded, since then is among them.
 */
class RebuiltDirectoryTest {
    private static final int PAGES = 2000;
    private static final int PAGE = PagingSpace.PAGE_BYTES;
    private static final String SPACE = "since";

    private final Random random = TestSeed.random(RebuiltDirectoryTest.class);

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private long sample;

    @BeforeEach
    void aSpaceInUse() throws IOException {
        folder = Files.createTempDirectory(Path.of("/dev/shm"), "pageferry-rebuilt");
        try (Pool pool = Pool.open(folder)) {
            sample = pool.create(SPACE, (long) PAGES * PAGE, OptionalLong.empty())
                    .directory()
                    .sequence();
        }
    }

    @AfterEach
    void remove() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) Files.delete(file);
        }
    }

    @Test
    void whatWasWrittenAndDiscardedSinceIsTold() throws Exception {
        PageSet changed = new PageSet(PAGES);
        try (Serving server = new Serving();
                NbdClient writer = server.connect(SPACE)) {
            for (int i = 0; i < 100; i++) write(writer, random.nextInt(PAGES), changed);
            changed.forEachRange((first, count) -> {
                if (random.nextInt(3) == 0)
                    writer.trim(first * PAGE, count * PAGE, 0).join();
            });
            server.process.kill();
        }
        assertToldAfterTheLoss(changed);
    }

    @Test
    void whatWasDiscardedSinceIsToldEvenIfNothingIsLeft() throws Exception {
        PageSet changed = new PageSet(PAGES);
        try (Serving server = new Serving();
                NbdClient writer = server.connect(SPACE)) {
            for (int i = 0; i < 100; i++) write(writer, random.nextInt(PAGES), changed);
            writer.trim(0, (long) PAGES * PAGE, 0).join();
            server.process.kill();
        }
        assertToldAfterTheLoss(changed);
    }

    private void assertToldAfterTheLoss(PageSet changed) throws Exception {
        assertThat(Files.deleteIfExists(folder.resolve(SPACE + ".directory")))
                .as("there was a map")
                .isTrue();
        try (Serving server = new Serving();
                NbdClient reader = server.connect(SPACE + ";since=" + sample)) {
            PageSet untold = changed.copy();
            untold.removeAll(told(reader));
            assertThat(untold.size()).as("pages that nobody is told of").isZero();
            assertThat(told(reader).size()).as("asked again").isZero();
        }
    }

    private static void write(NbdClient writer, int page, PageSet changed) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment content = arena.allocate(PAGE);
            content.fill((byte) 7);
            writer.write((long) page * PAGE, content, 0).join();
        }
        changed.add(page);
    }

    private static PageSet told(NbdClient reader) {
        PageSet told = new PageSet(PAGES);
        for (Extent extent :
                reader.blockStatus(0, (long) PAGES * PAGE, 0).join().extents(MetaContexts.WRITTEN_SINCE)) {
            if (extent.has(ExtentFlags.CHANGED)) {
                told.addRange(extent.offset() / PAGE, (extent.end() - extent.offset()) / PAGE);
            }
        }
        return told;
    }

    /** A server process on the folder. */
    private final class Serving implements AutoCloseable {
        private static final String LISTENING = "listening on ";

        private final ChildJvm process = ChildJvm.start(
                PagingServerMain.class, "--pool=" + folder, "--listen=127.0.0.1:0", "--control=127.0.0.1:0");
        private final int port = port();

        private int port() {
            while (true) {
                String line = process.nextLine();
                if (line.startsWith(LISTENING + "nbd://"))
                    return URI.create(line.substring(LISTENING.length())).getPort();
            }
        }

        NbdClient connect(String export) throws Exception {
            return NbdClient.connect(NbdUri.tcp("127.0.0.1", port, export), NbdClientOptions.DEFAULT);
        }

        @Override
        public void close() {
            process.close();
        }
    }
}
