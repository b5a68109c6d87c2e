package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.migration.MigrationState;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code status ID --watch --json} along a real migration: one object a line, states forward only, and an end. */
class StatusWatchTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void itPrintsOneObjectALineFromTheBeginToTheEndAndSaysByItsExitCodeHowThatWas() throws Exception {
        long seed = TestSeed.choose(StatusWatchTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=8M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            cluster.startTwin("b");
            Operator operator = cluster.operator();
            operator.awaitIncoming("b");
            try (Load load = Load.start(gateway, 1, seed)) {
                watchACancelledOne(cluster, operator);
                List<JsonNode> shown = new ArrayList<>();
                ChildJvm command = watch(cluster, shown, operator.migrate("b", CancelTest.NEVER_SWITCHES));
                load.stop();
                readToTheEnd(command, shown);
                assertThat(command.awaitExit()).isZero();
                assertLegal(shown, MigrationState.COMPLETED);
                assertThat(words(shown)).as("it took seconds to fill").contains("postcopy-active");
                assertThat(shown.size()).as("a line whenever it changes").isGreaterThan(5);
                assertThat(shown.getLast().path("downtime").isNumber()).isTrue();
                load.verify();
            }
            ballast.verify();
        }
    }

    private static void watchACancelledOne(Cluster cluster, Operator operator) throws Exception {
        List<JsonNode> shown = new ArrayList<>();
        String id = operator.migrate("b", CancelTest.NEVER_SWITCHES);
        ChildJvm command = watch(cluster, shown, id);
        operator.cancel(id);
        readToTheEnd(command, shown);
        assertThat(command.awaitExit()).isEqualTo(1);
        assertLegal(shown, MigrationState.CANCELLED);
    }

    /** Returns when the command has printed its first line. */
    private static ChildJvm watch(Cluster cluster, List<JsonNode> shown, String id) {
        ChildJvm command = cluster.startPageferry("status", id, "--watch", "--json");
        shown.add(JSON.readTree(command.nextLine()));
        return command;
    }

    private static void readToTheEnd(ChildJvm command, List<JsonNode> shown) {
        while (!state(shown.getLast()).isTerminal()) shown.add(JSON.readTree(command.nextLine()));
        assertThat(command.restOfOutput()).as("after the end").isEmpty();
    }

    /** Short states may go by between two answers, so each need only be reachable from the one before. */
    private static void assertLegal(List<JsonNode> shown, MigrationState last) {
        assertThat(state(shown.getFirst())).as("the first").isLessThan(MigrationState.POSTCOPY_ACTIVE);
        assertThat(state(shown.getLast())).isEqualTo(last);
        for (int i = 1; i < shown.size(); i++) {
            MigrationState before = state(shown.get(i - 1));
            MigrationState now = state(shown.get(i));
            assertThat(isReachable(before, now)).as(before + " -> " + now).isTrue();
            assertThat(shown.get(i).path("id")).isEqualTo(shown.getFirst().path("id"));
        }
    }

    private static boolean isReachable(MigrationState from, MigrationState to) {
        // From pre-switchover back to active is legal, and then this ends: every other step goes forward.
        return from == to || from.next().stream().anyMatch(next -> next.compareTo(from) > 0 && isReachable(next, to));
    }

    private static List<String> words(List<JsonNode> shown) {
        return shown.stream().map(one -> one.path("status").asString()).toList();
    }

    private static MigrationState state(JsonNode migration) {
        assertThat(migration.isObject()).as(migration.toString()).isTrue();
        return MigrationState.ofWord(migration.path("status").asString()).orElseThrow();
    }
}
