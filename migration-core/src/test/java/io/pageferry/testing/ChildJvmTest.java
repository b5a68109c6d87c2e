package io.pageferry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ChildJvmTest {
    @Test
    void aChildAnswersLineByLineAndTellsItsExitStatus() {
        try (ChildJvm child = ChildJvm.start(EchoMain.class, "one", "two")) {
            assertThat(child.nextLine()).isEqualTo("arguments one two");
            assertThat(child.ask("hello")).isEqualTo("hello");
            child.send("exit");
            assertThat(child.awaitExit()).isEqualTo(3);
        }
    }

    @Test
    void aKilledChildIsGoneAndItsOutputEnds() {
        try (ChildJvm child = ChildJvm.start(EchoMain.class)) {
            child.nextLine();
            child.kill();
            assertThat(child.isAlive()).isFalse();
            assertThatThrownBy(child::nextLine).hasMessageContaining("has ended");
        }
    }
}
