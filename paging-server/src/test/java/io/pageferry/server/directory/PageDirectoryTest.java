package io.pageferry.server.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageDirectoryTest {
    private static final int PAGES = 700;

    @TempDir
    Path folder;

    private PageDirectory open(long pageCount) throws IOException {
        return PageDirectory.open(folder.resolve("s.directory"), pageCount, List::of);
    }

    @Test
    void aTebibyteOpensAtOnceAndUsesLittle() throws Exception {
        long pageCount = (1L << 40) / 4096;
        try (PageDirectory directory = open(pageCount)) {
            directory.markWritten(pageCount - 1, 1);
            List<String> runs = new ArrayList<>();
            directory.runs(0, pageCount, (first, count, written) -> runs.add(first + "+" + count + written));
            assertThat(runs).containsExactly("0+" + (pageCount - 1) + "false", (pageCount - 1) + "+1true");
        }
        try (DataFile file = new DataFile(folder.resolve("s.directory"), (4L << 30) / 4096)) {
            long pages =
                    file.ranges().stream().mapToLong(range -> range.pageCount()).sum();
            assertThat(pages * 4096).as("bytes on disk").isLessThan(64 << 20);
        }
    }

    @Test
    void aFullDeviceIsAnAnswerAndNotAFault() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        assumeOrFail(run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", small.toString()) == 0);
        try {
            long pageCount = 1000 * 256;
            try (PageDirectory directory = PageDirectory.open(small.resolve("s.directory"), pageCount, List::of)) {
                long extents = 0;
                while (directory.makeRoom(extents * 256, 1)) {
                    directory.markWritten(extents * 256, 256);
                    extents++;
                }
                assertThat(extents).isBetween(100L, 999L);
                assertThat(directory.writtenPages()).isEqualTo(extents * 256);
                assertThat(directory.isWritten(extents * 256)).isFalse();
                directory.markDiscarded(0, 256);
                assertThat(run("mount", "-o", "remount,size=8m", small.toString()))
                        .isZero();
                assertThat(directory.makeRoom(0, pageCount)).isTrue();
                directory.markWritten(0, pageCount);
                assertThat(directory.writtenPages()).isEqualTo(pageCount);
            }
        } finally {
            run("umount", small.toString());
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private static void assumeOrFail(boolean mounted) {
        if (!mounted) {
            assertThat(System.getenv("CI")).as("mounting a tmpfs needs root").isNotEqualTo("true");
            Assumptions.abort("mounting a tmpfs needs root");
        }
    }

    @Test
    void everyExtentOfASpaceFits() throws Exception {
        long pageCount = 1000 * 256 - 3;
        try (PageDirectory directory = open(pageCount)) {
            directory.markWritten(0, pageCount);
            assertThat(directory.writtenPages()).isEqualTo(pageCount);
        }
        try (PageDirectory directory = open(pageCount)) {
            directory.runs(0, pageCount, (first, count, written) -> {
                assertThat(count).isEqualTo(pageCount);
                assertThat(written).isTrue();
            });
        }
    }

    @Test
    void anOpenDirectoryIsRefusedASecondTime() throws Exception {
        try (PageDirectory first = open(PAGES)) {
            first.markWritten(0, 1);
            assertThatThrownBy(() -> open(PAGES))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("already open");
        }
    }

    @Test
    void aClosedDirectoryThrowsInsteadOfTouchingMemoryThatIsGone() throws Exception {
        PageDirectory directory = open(PAGES);
        directory.markWritten(0, 1);
        directory.close();
        assertThatThrownBy(() -> directory.markWritten(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> directory.isWritten(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(directory::sync).isInstanceOf(IllegalStateException.class);
        directory.close();
    }

    @Test
    void sequenceNumbersRiseAcrossReopenings() throws Exception {
        long last = 0;
        for (int round = 0; round < 3; round++) {
            try (PageDirectory directory = open(PAGES)) {
                long sample = directory.sequence();
                assertThat(sample).isGreaterThan(last);
                assertThat(directory.markWritten(1, 1)).isGreaterThan(sample);
                last = directory.sequence();
            }
        }
    }

    /**
     * Attacks the invariant of written-since. Writers raise a page's content, mark it and note it as acknowledged; a
     * follower samples, scans and copies the pages reported. Whatever was acknowledged before its sample it must have.
     */
    @Test
    void aFollowerMissesNoAcknowledgedWrite() throws Exception {
        long seed = TestSeed.choose(PageDirectoryTest.class);
        AtomicLongArray content = new AtomicLongArray(PAGES);
        AtomicLongArray acknowledged = new AtomicLongArray(PAGES);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (PageDirectory directory = open(PAGES)) {
            List<Thread> writers = new ArrayList<>();
            for (int writer = 0; writer < 3; writer++) {
                Random random = new Random(seed + writer);
                Runnable work = () -> write(directory, random, content, acknowledged, stop);
                writers.add(Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, thrown) -> failure.set(thrown))
                        .start(work));
            }
            try {
                follow(directory, content, acknowledged);
            } finally {
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
            }
        }
        assertThat(failure.get()).isNull();
    }

    private static void write(
            PageDirectory directory,
            Random random,
            AtomicLongArray content,
            AtomicLongArray acknowledged,
            AtomicBoolean stop) {
        long[] written = new long[8];
        while (!stop.get()) {
            int first = random.nextInt(PAGES - written.length);
            int count = 1 + random.nextInt(written.length);
            for (int i = 0; i < count; i++) {
                written[i] = content.incrementAndGet(first + i);
            }
            directory.markWritten(first, count);
            for (int i = 0; i < count; i++) {
                acknowledged.accumulateAndGet(first + i, written[i], Math::max);
            }
        }
    }

    private static void follow(PageDirectory directory, AtomicLongArray content, AtomicLongArray acknowledged) {
        long[] copy = new long[PAGES];
        long[] due = new long[PAGES];
        long since = 0;
        for (int question = 0; question < 5000; question++) {
            for (int page = 0; page < PAGES; page++) {
                due[page] = acknowledged.get(page);
            }
            long sample = directory.sequence();
            directory.runsChangedSince(since, 0, PAGES, (first, count, changed, written) -> {
                for (int page = (int) first; changed && page < first + count; page++) {
                    copy[page] = content.get(page);
                }
            });
            for (int page = 0; page < PAGES; page++) {
                if (copy[page] < due[page]) {
                    throw new AssertionError("page " + page + " was missed at question " + question);
                }
            }
            since = sample;
        }
    }
}
