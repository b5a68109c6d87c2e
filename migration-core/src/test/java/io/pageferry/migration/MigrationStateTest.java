package io.pageferry.migration;

import static io.pageferry.migration.MigrationState.ACTIVE;
import static io.pageferry.migration.MigrationState.CANCELLED;
import static io.pageferry.migration.MigrationState.CANCELLING;
import static io.pageferry.migration.MigrationState.COMPLETED;
import static io.pageferry.migration.MigrationState.FAILED;
import static io.pageferry.migration.MigrationState.POSTCOPY_ACTIVE;
import static io.pageferry.migration.MigrationState.PRE_SWITCHOVER;
import static io.pageferry.migration.MigrationState.SETUP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MigrationStateTest {
    @Test
    void everyStateIsFoundByItsWord() {
        for (MigrationState state : MigrationState.values()) {
            assertThat(MigrationState.ofWord(state.word())).contains(state);
        }
        assertThat(MigrationState.ofWord("Active")).isEmpty();
    }

    @Test
    void nothingFollowsATerminalStateAndSomethingFollowsEveryOther() {
        for (MigrationState state : MigrationState.values()) {
            assertThat(state.next().isEmpty()).isEqualTo(state.isTerminal());
        }
    }

    @Test
    void afterTheCommitNothingLeadsBackToTheSource() {
        assertThat(reachableFrom(POSTCOPY_ACTIVE)).containsExactlyInAnyOrder(COMPLETED, FAILED);
        assertThat(POSTCOPY_ACTIVE.isCancellable()).isFalse();
    }

    @Test
    void whatIsCancelledIsNeverCommitted() {
        assertThat(reachableFrom(CANCELLING)).containsExactlyInAnyOrder(CANCELLED, FAILED);
    }

    @Test
    void onlyAQuiescedSourceIsCommitted() {
        for (MigrationState state : MigrationState.values()) {
            assertThat(state.mayBecome(POSTCOPY_ACTIVE)).isEqualTo(state == PRE_SWITCHOVER);
        }
    }

    @Test
    void aSwitchoverThatIsGivenUpGoesOnCopying() {
        assertThat(PRE_SWITCHOVER.mayBecome(ACTIVE)).isTrue();
        assertThat(reachableFrom(SETUP)).contains(ACTIVE, PRE_SWITCHOVER, COMPLETED);
    }

    private static Set<MigrationState> reachableFrom(MigrationState state) {
        Set<MigrationState> reached = EnumSet.noneOf(MigrationState.class);
        collect(state, reached);
        return reached;
    }

    private static void collect(MigrationState state, Set<MigrationState> reached) {
        for (MigrationState next : state.next()) {
            if (reached.add(next)) {
                collect(next, reached);
            }
        }
    }
}
