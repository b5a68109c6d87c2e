package io.pageferry.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WaitingMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the source says that will come whole is received into a huge page of the waiting program's memory. */
class StreamExtentTest {
    private static final int PAGE = 4096;
    private static final int EXTENT = WaitingMemory.EXTENT_PAGES;
    private static final int RUN = 64;
    private static final SpaceLayout LAYOUT = new SpaceLayout(3 * EXTENT);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private final Arena arena = Arena.ofShared();
    private final Descriptor memfd = FileCalls.sealedMemfd("stream-extents", LAYOUT.manifestOffset());
    private final WaitingMemory memory =
            new WaitingMemory(memfd, Mapping.readWrite(memfd, LAYOUT.manifestOffset(), arena));
    private final StreamPathIn in = new StreamPathIn(
            LAYOUT, memfd, memory, new StreamedManifests(directory).create("store", "m-1"), this::letIn);

    @SuppressWarnings("NullAway.Init")
    private StreamListener listener;

    @BeforeEach
    void listen() throws IOException {
        listener = StreamListener.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        in.changed((offset, length, hole) -> {});
    }

    @AfterEach
    void close() {
        in.close();
        listener.close();
        memfd.close();
        arena.close();
    }

    private void letIn(StreamPathIn path) {
        listener.expect("m-1", "secret", path);
    }

    private MemorySegment run(long firstPage) {
        MemorySegment pages = arena.allocate((long) RUN * PAGE, PAGE);
        for (int i = 0; i < RUN; i++) pages.set(ValueLayout.JAVA_LONG, (long) i * PAGE, firstPage + i + 1);
        return pages;
    }

    private long mark(long page) {
        return memory.pages(page, 1).get(ValueLayout.JAVA_LONG, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void anExpectedExtentIsGatheredAndEveryPageOfAllIsRight(int streams) throws Exception {
        String place = listener.address();
        InetSocketAddress address = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)));
        try (StreamPathOut out = StreamPathOut.connect(address, "m-1", "secret", streams)) {
            // The first extent is not expected; of the last one half does not come, and some is taken back.
            out.expect((long) EXTENT * PAGE, (long) EXTENT * PAGE);
            for (long page = 0; page < 2L * EXTENT; page += RUN) out.write(page * PAGE, run(page));
            out.expect(2L * EXTENT * PAGE, (long) EXTENT * PAGE);
            for (long page = 2L * EXTENT; page < 2L * EXTENT + EXTENT / 2; page += RUN)
                out.write(page * PAGE, run(page));
            out.await();
            assertThat(memory.isGathered(0)).isFalse();
            // Where another stream is putting pages into it, the kernel may refuse.
            if (streams == 1) assertThat(memory.isGathered(EXTENT)).isTrue();
            if (streams == 1) assertThat(memory.isGathered(2L * EXTENT)).isTrue();
            for (long page = 0; page < 2L * EXTENT + EXTENT / 2; page++) {
                assertThat(mark(page)).isEqualTo(page + 1);
                assertThat(in.checksumInPlace(page)).isEqualTo(Checksums.crc32c(memory.pages(page, 1)));
            }

            // Over the end of an extent into the next.
            out.write((EXTENT - RUN / 2L) * PAGE, run(5000));
            out.discard(2L * EXTENT * PAGE, PAGE);
            out.await();
            assertThat(mark(EXTENT - 1)).isEqualTo(5000 + RUN / 2);
            assertThat(in.checksumInPlace(EXTENT)).isEqualTo(Checksums.crc32c(memory.pages(EXTENT, 1)));
            assertThat(mark(EXTENT)).isEqualTo(5000 + RUN / 2 + 1);
            PageSet expected = new PageSet(LAYOUT.pageCount());
            expected.addRange(0, LAYOUT.pageCount());
            expected.remove(2L * EXTENT);
            assertThat(memory.resident()).isEqualTo(expected);
        }
    }
}
