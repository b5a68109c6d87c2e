package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Program and pager are processes of their own, and the pager is killed. */
class TakeOverTest {
    private static final long PAGES = 4000;

    @TempDir
    Path directory;

    private int pagers;

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    @Test
    void threadsWaitWhenTheirPagerIsKilledAndGoOnWithTheNextNeverReadingZeroes() {
        Random random = TestSeed.random(TakeOverTest.class);
        long seed = random.nextLong();
        try (ChildJvm program = ChildJvm.start(TrackedProgram.class, Long.toString(PAGES), "missing")) {
            ChildJvm pager = serve(program, seed, random.nextInt(1000));
            program.send("read-all " + seed + " 5");
            for (int round = 0; round < 3; round++) {
                assertThat(pager.nextLine()).isEqualTo("silent");
                pager.close();
                assertThatThrownBy(() -> program.nextLine(Duration.ofMillis(200)))
                        .hasMessageContaining("said nothing");
                pager = serve(program, seed, round == 2 ? PAGES : random.nextInt(1000));
            }
            assertThat(program.nextLine()).isEqualTo("right");
            pager.close();
        }
    }

    private ChildJvm serve(ChildJvm program, long seed, long answers) {
        Path socket = directory.resolve("pager-" + ++pagers);
        ChildJvm pager =
                ChildJvm.start(ServingProcess.class, socket.toString(), Long.toString(seed), Long.toString(answers));
        assertThat(pager.nextLine()).isEqualTo("listening");
        assertThat(program.ask("attach " + socket)).isEqualTo("done");
        assertThat(pager.nextLine()).isEqualTo("serving");
        return pager;
    }
}
