package io.pageferry.pager;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures, and asserts nothing; not part of the tests. {@code scripts/bench-memory.sh} runs it. */
class PagerBenchmark {
    private static final long FAULTS = 40_009;
    private static final long GIB_PAGES = 1 << 18;

    @TempDir
    Path directory;

    /** A source as fast as can be: all content is in memory. */
    private record MemorySource(MemorySegment content) implements PageSource {
        @Override
        public void request(PageRange pages, PageAnswers answers) {
            long offset = pages.firstPage() * PagePattern.PAGE;
            answers.content(pages, content.asSlice(offset, pages.pageCount() * PagePattern.PAGE));
        }
    }

    @Test
    void faults() throws IOException, InterruptedException {
        String floor = System.getProperty("pageferry.floor", "");
        System.out.println(); // so that the first result begins a line, whatever the build has written before it
        for (int run = 0; run < 5; run++) {
            if (!floor.isEmpty()) print("floor", output(floor, Long.toString(FAULTS)));
            print("pager", pagerFaults());
        }
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        if (process.waitFor() != 0) throw new IOException(command[0] + " failed");
        return output;
    }

    private String pagerFaults() throws InterruptedException {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, FAULTS, true);
                Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(FAULTS * PagePattern.PAGE);
            content.fill((byte) 3);
            ServedMapping served = program.attached().served();
            PageSource source = new MemorySource(content);
            try (FaultServer server = FaultServer.start(
                    served,
                    ResidentPages.none(FAULTS),
                    source,
                    RetryPolicy.DEFAULT,
                    FaultWait.SPIN,
                    new NotedTrouble())) {
                String times = program.process().ask("time-faults");
                long busyNs = threadCpuNs();
                Thread.sleep(1000);
                long idleNs = threadCpuNs() - busyNs;
                FaultStats stats = server.stats();
                return times
                        + String.format(
                                Locale.ROOT,
                                " {\"served-p50-us\":%.1f,\"served-p99-us\":%.1f,\"cpu-ms\":%.0f,\"idle-cpu-ms-per-s\":%.2f}",
                                stats.p50Ns() / 1e3,
                                stats.p99Ns() / 1e3,
                                busyNs / 1e6,
                                idleNs / 1e6);
            }
        }
    }

    private static long threadCpuNs() {
        var threads = ManagementFactory.getThreadMXBean();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("pageferry-faults")) return threads.getThreadCpuTime(thread.threadId());
        }
        return -1;
    }

    @Test
    void tracking() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, GIB_PAGES, false)) {
            TrackedMemory memory = program.attached().memory();
            program.run("write-each 1 0");
            long heapBefore = usedHeap();
            WriteTracker tracker = new WriteTracker(memory);
            print("arm 1 GiB, resident, two mappings, first", ms(tracker::arm));
            for (int run = 0; run < 5; run++) {
                tracker.disarm();
                print("arm 1 GiB, resident, two mappings", ms(tracker::arm));
            }
            WrittenPages written = tracker.open();
            AccessSampler sampler = new AccessSampler(memory, tracker, 4096);
            long heap = usedHeap() - heapBefore;
            print("heap of tracker, reader and sampler", heap / 1024 + " KiB");
            for (int run = 0; run < 5; run++) {
                for (long step : new long[] {1, 2, 100, 0}) scan(program, written, step);
            }
            for (int run = 0; run < 3; run++) {
                program.run("write-each 1 0");
                print("sampler start 1 GiB", ms(() -> sampler.start(program.dropper())));
                program.run("write-each 10 0");
                print("sampler end 1 GiB", ms(sampler::end));
            }
        }
    }

    private static void scan(ProgramUnderTest program, WrittenPages written, long step) {
        if (step > 0) program.run("write-each " + step + " 0");
        PageSet[] taken = new PageSet[1];
        String took = ms(() -> taken[0] = written.take());
        print("scan 1 GiB, two mappings, " + taken[0].size() + " written", took);
    }

    /** Wall time, and the thread's time on a processor, which other processes of the machine disturb less. */
    private static String ms(Runnable work) {
        var threads = ManagementFactory.getThreadMXBean();
        long cpuNs = threads.getCurrentThreadCpuTime();
        long startNs = System.nanoTime();
        work.run();
        long wallNs = System.nanoTime() - startNs;
        cpuNs = threads.getCurrentThreadCpuTime() - cpuNs;
        return String.format(Locale.ROOT, "%.2f ms (cpu %.2f ms)", wallNs / 1e6, cpuNs / 1e6);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void print(String what, String value) {
        System.out.println("bench: " + what + ": " + value);
    }
}
