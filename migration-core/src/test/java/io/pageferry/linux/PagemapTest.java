package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Userfaultfd.Mode;
import io.pageferry.page.PageSet;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PagemapTest {
    private static final long PAGE = 4096;
    private static final int PAGES = 512;
    private static final Pagemap.Query PRESENT = new Pagemap.Query(0, 0, Pagemap.IS_PRESENT, 0, Pagemap.IS_PRESENT);
    private static final Pagemap.Query WRITTEN =
            new Pagemap.Query(Pagemap.REARM | Pagemap.CHECK_ASYNC, 0, Pagemap.IS_WRITTEN, 0, Pagemap.IS_WRITTEN);

    @Test
    void aScanReportsExactlyThePagesTouchedEvenThroughAVectorOfOne() {
        Random random = TestSeed.random(PagemapTest.class);
        try (World world = new World()) {
            world.userfaultfd.register(world.mapping.address(), PAGES * PAGE, Mode.WRITE_PROTECT);
            world.mapping.populateForWriting(0, PAGES * PAGE);
            world.mapping.dropEntries(0, PAGES * PAGE);
            PageSet touched = new PageSet(PAGES);
            for (int i = 0; i < 60; i++) {
                long page = random.nextInt(PAGES);
                world.mapping.segment().get(ValueLayout.JAVA_BYTE, page * PAGE + random.nextInt(4096));
                touched.add(page);
            }
            assertThat(world.scan(PRESENT, 1)).isEqualTo(touched);
            assertThat(world.scan(PRESENT, 1000)).isEqualTo(touched);
        }
    }

    @Test
    void eachScanReportsExactlyThePagesWrittenSinceTheLast() {
        Random random = TestSeed.random(PagemapTest.class);
        try (World world = new World()) {
            world.userfaultfd.register(world.mapping.address(), PAGES * PAGE, Mode.WRITE_PROTECT);
            world.userfaultfd.writeProtect(world.mapping.address(), PAGES * PAGE);
            for (int round = 0; round < 20; round++) {
                PageSet written = new PageSet(PAGES);
                for (int i = 0; i < random.nextInt(100); i++) {
                    long page = random.nextInt(PAGES);
                    world.mapping.segment().set(ValueLayout.JAVA_BYTE, page * PAGE, (byte) i);
                    written.add(page);
                    world.mapping.segment().get(ValueLayout.JAVA_BYTE, random.nextInt(PAGES) * PAGE);
                }
                assertThat(world.scan(WRITTEN, 3)).as("round " + round).isEqualTo(written);
            }
        }
    }

    @Test
    void aDescriptorOfSomethingElseIsNotTakenForAnOldKernel() {
        try (World world = new World();
                Pagemap other = Pagemap.owning(FileCalls.open(Path.of("/proc/self/status"), FileCalls.OpenMode.READ))) {
            long base = world.mapping.address();
            assertThatThrownBy(() -> other.scan(base, base + PAGE, PRESENT, new PageRegions(1)))
                    .hasMessageContaining("is not of a process's pagemap");
        }
    }

    @Test
    void aKernelWithoutTheScanIsNamedWithItsVersion() {
        assertThat(Pagemap.tooOld("6.1.0-13-amd64"))
                .hasMessage("this kernel (6.1.0-13-amd64) has no PAGEMAP_SCAN; Pageferry needs Linux 6.7 or newer");
    }

    private static final class World implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final Descriptor memory = FileCalls.memfd("test", PAGES * PAGE);
        private final Mapping mapping = Mapping.readWrite(memory, PAGES * PAGE, arena);
        private final Pagemap pagemap = Pagemap.owning(Pagemap.openOwn());
        private final Userfaultfd userfaultfd;

        World() {
            KernelRequirement.userfaultfd();
            userfaultfd = UserfaultfdFactory.create().userfaultfd();
        }

        PageSet scan(Pagemap.Query query, int capacity) {
            PageSet found = new PageSet(PAGES);
            PageRegions regions = new PageRegions(capacity);
            long base = mapping.address();
            for (long at = base; at < base + PAGES * PAGE; ) {
                at = pagemap.scan(at, base + PAGES * PAGE, query, regions);
                for (int i = 0; i < regions.count(); i++) {
                    found.addRange((regions.start(i) - base) / PAGE, (regions.end(i) - regions.start(i)) / PAGE);
                }
            }
            return found;
        }

        @Override
        public void close() {
            userfaultfd.close();
            pagemap.close();
            memory.close();
            arena.close();
        }
    }
}
