package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorsTest {
    private static final long PAGES = 1L << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"G1", "Z"})
    void aMillionMissingPagesArriveRightWhileTheCollectorRunsConstantly(String collector) {
        KernelRequirement.userfaultfd();
        long seed = TestSeed.choose(CollectorsTest.class);
        Path socket = folder.resolve("agent");
        List<String> flags = List.of("-XX:+Use" + collector + "GC", "-Xmx48m");
        try (PatternAgent agent = PatternAgent.start(socket, seed);
                ChildJvm child = ChildJvm.start(
                        flags, PatternProgram.class, socket.toString(), "million", Long.toString(PAGES), "incoming")) {
            assertThat(child.nextLine()).isEqualTo("attached");
            PatternAgent.Hosted hosted = agent.nextProgram();
            child.ask("litter 1");
            long before = Long.parseLong(child.ask("collections"));
            child.ask("read-all 4");
            child.send("await");
            assertThat(child.nextLine(Duration.ofMinutes(5))).isEqualTo(PAGES + " read, 0 wrong");

            assertThat(hosted.faults().stats().faults()).isEqualTo(PAGES);
            // A page is marked once the kernel has it, when its reader may be running already.
            await().until(() -> hosted.resident().isComplete());
            assertThat(Long.parseLong(child.ask("collections")) - before).isGreaterThan(20);
        }
    }
}
