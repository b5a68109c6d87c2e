package io.pageferry.partition;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures a busy program through an arrival and its end, and asserts nothing; not part of the tests. {@code
 * scripts/bench-pagetable.sh} runs it. The plain alternative: the program stays on the one mapping that it arrived on, which
 * is unregistered when all is there.
 */
class PageTableBenchmark {
    private static final long PAGES = Long.getLong("pageferry.bench.pages", 1 << 18);
    private static final int THREADS = Integer.getInteger("pageferry.bench.threads", 1);
    private static final int RUNS = Integer.getInteger("pageferry.bench.runs", 3);
    private static final long[][] PACES = {{256, 1}, {1024, 2}, {4096, 5}, {16384, 2}, {262_144, 0}};
    private static final Duration LONG = Duration.ofMinutes(3);

    @TempDir
    Path directory;

    private interface End {
        String run(AttachedPartition partition) throws InterruptedException;
    }

    @Test
    void arrivalSwitchAndSweep() throws InterruptedException {
        System.out.println();
        for (int run = 0; run < RUNS; run++) {
            measure("plain", PageTableBenchmark::unregister);
            for (long[] pace : PACES) {
                measure(pace[0] + "/" + pace[1], partition -> switchTables(partition, pace[0], pace[1]));
            }
        }
    }

    private static String unregister(AttachedPartition partition) {
        long startNs = System.nanoTime();
        partition.userfaultfd().unregister(partition.address(Table.MIGRATION), PAGES * PatternPages.PAGE);
        return String.format(Locale.ROOT, "unregister %.1f ms", (System.nanoTime() - startNs) / 1e6);
    }

    private static String switchTables(AttachedPartition partition, long portionPages, long intervalMs)
            throws InterruptedException {
        PageTableSwitch.Pace pace = new PageTableSwitch.Pace(portionPages, Duration.ofMillis(intervalMs));
        PageTableSwitch.Report report = new PageTableSwitch(partition, pace).run(new PageSet(PAGES));
        return String.format(
                Locale.ROOT,
                "populate %.1f ms, switch %.1f ms, sweep %.1f ms",
                report.populateNs() / 1e6,
                report.switchNs() / 1e6,
                report.sweepNs() / 1e6);
    }

    private void measure(String name, End end) throws InterruptedException {
        Path socket = directory.resolve("agent");
        PatternAgent agent = PatternAgent.start(socket, 1);
        ChildJvm program =
                ChildJvm.start(PatternProgram.class, socket.toString(), "p", Long.toString(PAGES), "incoming");
        try (program;
                agent) {
            program.nextLine();
            PatternAgent.Hosted hosted = agent.nextProgram();
            program.ask("busy " + THREADS);
            program.ask("phase");
            hosted.fillAll(1);
            print(name, "arrival", ask(program));
            Thread.sleep(500);
            print(name, "arrived", ask(program));
            String times = end.run(hosted.partition());
            print(name, "end", ask(program));
            System.out.println("pagetable," + name + ",times," + times.replace(',', ';'));
            Thread.sleep(500);
            print(name, "after", ask(program));
            Thread.sleep(1000);
            print(name, "undisturbed", ask(program));
        }
    }

    private static String ask(ChildJvm program) {
        program.send("phase");
        return program.nextLine(LONG);
    }

    /** Prints seconds, accesses a second, p50, p99, p99.9 and the longest in ns. */
    private static void print(String name, String phase, String figures) {
        System.out.println("pagetable," + name + "," + phase + "," + figures.replace(' ', ','));
    }
}
