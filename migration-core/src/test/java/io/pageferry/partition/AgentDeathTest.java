package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentDeathTest {
    private static final long PAGES = 1 << 15;
    private static final int ROUNDS = 5;

    @TempDir
    private Path folder;

    @Test
    void threadsOnMissingPagesOutliveTheirAgentWaitAndNeverReadZeroes() throws InterruptedException {
        KernelRequirement.userfaultfd();
        long seed = TestSeed.choose(AgentDeathTest.class);
        Random random = new Random(seed);
        Path socket = folder.resolve("agent");
        ChildJvm first = startAgent(socket, seed, 1 + random.nextInt(2000));
        try (ChildJvm program =
                ChildJvm.start(PatternProgram.class, socket.toString(), "survivor", Long.toString(PAGES), "incoming")) {
            assertThat(program.nextLine()).isEqualTo("attached");
            assertThat(first.nextLine()).isEqualTo("attached incoming");
            program.ask("read-all 3");
            killOnceItsThreadsWait(first, program);
            for (int round = 1; round < ROUNDS; round++) {
                try (ChildJvm agent = startAgent(socket, seed, 1 + random.nextInt(4000))) {
                    assertThat(agent.nextLine()).isEqualTo("attached running");
                    if (round % 2 == 0) killOnceItsThreadsWait(agent, program);
                    else killInFullFlow(agent, random);
                }
            }
            try (ChildJvm last = startAgent(socket, seed, Long.MAX_VALUE)) {
                assertThat(last.nextLine()).isEqualTo("attached running");
                program.send("await");
                assertThat(program.nextLine(Duration.ofMinutes(2))).isEqualTo(PAGES + " read, 0 wrong");
            }
        }
    }

    @Test
    void aProgramWhoseFirstStepWaitsForAPageIsServedByTheNextAgent() {
        KernelRequirement.userfaultfd();
        long seed = TestSeed.choose(AgentDeathTest.class);
        Path socket = folder.resolve("agent");
        ChildJvm first = startAgent(socket, seed, 0);
        try (ChildJvm program = ChildJvm.start(
                PatternProgram.class, socket.toString(), "starter", Long.toString(PAGES), "incoming-reader")) {
            assertThat(List.of(program.nextLine(), program.nextLine()))
                    .containsExactlyInAnyOrder("attached", "resuming");
            first.kill();
            first.close();
            try (ChildJvm second = startAgent(socket, seed, Long.MAX_VALUE)) {
                assertThat(second.nextLine()).isEqualTo("attached running");
                assertThat(program.nextLine()).isEqualTo("resumed right");
            }
        }
    }

    private static ChildJvm startAgent(Path socket, long seed, long answers) {
        ChildJvm agent =
                ChildJvm.start(PatternAgentMain.class, socket.toString(), Long.toString(seed), Long.toString(answers));
        assertThat(agent.nextLine()).isEqualTo("listening");
        return agent;
    }

    // It has stopped to answer, so every thread of the program stands on a missing page when it dies.
    private static void killOnceItsThreadsWait(ChildJvm agent, ChildJvm program) throws InterruptedException {
        assertThat(agent.nextLine()).isEqualTo("last");
        long before = standstill(program);
        agent.kill();
        agent.close();
        assertThat(standstill(program)).isEqualTo(before).isLessThan(PAGES);
    }

    private static void killInFullFlow(ChildJvm agent, Random random) throws InterruptedException {
        Thread.sleep(random.nextInt(30));
        agent.kill();
    }

    // The pages read once that number has stood still for a while.
    private static long standstill(ChildJvm program) throws InterruptedException {
        while (true) {
            long before = Long.parseLong(program.ask("progress"));
            Thread.sleep(300);
            if (Long.parseLong(program.ask("progress")) == before) return before;
        }
    }
}
