package io.pageferry.server.migration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * A server that dies where it is told to, for {@link CommitCrashTest}. Says where it listens, then takes commands by line:
 * {@code fence NS} dies so long after a fence began, {@code journal NS} so long after the catalog's journal began to grow, {@code
 * announced NS} so long after the commit was logged, before it is answered; with 0, right there.
 */
final class MigrationServerMain {
    private static final int KILLED = 137;
    // Kept: a logger that nobody holds is forgotten with its handlers.
    private static final Logger STEPS = Logger.getLogger(Steps.class.getName());
    private static final long NEVER = -1;

    private MigrationServerMain() {}

    public static void main(String[] arguments) throws IOException {
        Path pool = Path.of(arguments[0]);
        AtomicLong fenceDelayNs = new AtomicLong(NEVER);
        try (MigrationServer server =
                MigrationServer.start(pool, Duration.ofMinutes(10), (space, epoch) -> dieAfter(fenceDelayNs.get()))) {
            System.out.println(server.url());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", 2);
                long delayNs = Long.parseLong(words[1]);
                switch (words[0]) {
                    case "fence" -> fenceDelayNs.set(delayNs);
                    case "announced" -> dieOnceLogged(delayNs);
                    case "journal" -> dieOnceItGrows(pool.resolve("catalog.journal"), delayNs);
                    default -> throw new IllegalArgumentException(line);
                }
                System.out.println("armed");
            }
        }
    }

    // The thread of the commit goes on meanwhile.
    private static void dieAfter(long delayNs) {
        if (delayNs == NEVER) {
            return;
        }
        if (delayNs == 0) {
            Runtime.getRuntime().halt(KILLED);
        }
        Thread.ofPlatform().daemon().start(() -> {
            LockSupport.parkNanos(delayNs);
            Runtime.getRuntime().halt(KILLED);
        });
    }

    private static void dieOnceItGrows(Path journal, long delayNs) throws IOException {
        long before = Files.size(journal);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (Files.size(journal) == before) {
                    Thread.onSpinWait();
                }
            } catch (IOException e) {
                Runtime.getRuntime().halt(1);
            }
            dieAfter(delayNs);
        });
    }

    // The log is written by the thread of the commit, once it is durable.
    private static void dieOnceLogged(long delayNs) {
        STEPS.addHandler(new StreamHandler() {
            @Override
            public void publish(LogRecord logged) {
                if (String.valueOf(logged.getMessage()).contains("postcopy-active")) {
                    dieAfter(delayNs);
                }
            }
        });
    }
}
