package io.pageferry.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CompilersTest {
    @Test
    void theyGiveWayForAMomentAndAreOrdinaryAgain() throws Exception {
        List<Integer> before = compilersPolicy();
        assertThat(before).isNotEmpty();
        Compilers.giveWay();
        Compilers.giveWay();
        // Without the right to give them their weight back nothing is changed.
        if (Compilers.doGiveWay()) assertThat(compilersPolicy()).containsOnly(5);
        else assertThat(compilersPolicy()).isEqualTo(before);
        await().until(() -> !Compilers.doGiveWay());
        assertThat(compilersPolicy()).isEqualTo(before);
    }

    private static List<Integer> compilersPolicy() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.map(CompilersTest::stat)
                    .filter(stat -> stat.contains("(C1 CompilerThre") || stat.contains("(C2 CompilerThre"))
                    .map(stat -> Integer.parseInt(
                            stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[38]))
                    .toList();
        }
    }

    private static String stat(Path thread) {
        try {
            return Files.readString(thread.resolve("stat"));
        } catch (NoSuchFileException ended) {
            // Another thread, since these live as long as the process.
            return "";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
