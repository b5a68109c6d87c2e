package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} at every step of a migration under load, and now and then SIGTERM for an agent; everything started anew but programs.
 * What must hold:
 *
 * <ul>
 *   <li>source agent before the commit: its program goes on by itself, and one at rest goes on with the next agent;
 *   <li>source agent after the commit: the target has the partition, and the program left behind departs with the next agent;
 *   <li>target agent before the commit: the source goes on; after it: the next agent goes on with the fill;
 *   <li>paging server at any time: whoever owns the partition goes on, and who does not know the outcome asks until it does;
 *   <li>target program before the commit: the source goes on; source program after the commit: it is not needed.
 * </ul>
 *
 * <p>In each case no client sees an error, each acknowledged write is there, and none that was not made.
 */
class KillTest {
    private static final int ROUNDS = Integer.getInteger("pageferry.rounds", 8);
    private static final int DIRECT_ROUNDS = Integer.getInteger("pageferry.rounds", 3);
    private static final int NETWORK_ROUNDS = Integer.getInteger("pageferry.rounds", 5);
    private static final int WRITERS = 3;
    private static final int ANSWERED_WITHIN_MS = 200;

    private enum Victim {
        SOURCE_AGENT,
        TARGET_AGENT,
        SERVER,
        TARGET_PROGRAM,
        SOURCE_PROGRAM
    }

    private enum Moment {
        SETUP,
        ACTIVE,
        VERIFY,
        PUT_OFF,
        PRE_SWITCHOVER,
        AROUND_COMMIT,
        FILLING,
        SWEEP
    }

    // The fill takes some seconds, and the sweep more than one, so that they can be interrupted.
    private static final String[] AGENT_OPTIONS = {
        "--max-postcopy-bandwidth=12M",
        "--no-prefetch",
        "--heat-interval=0.3",
        "--sweep-portion=512",
        "--sweep-interval=40"
    };

    private static Map<String, ?> byStorage(Random random) {
        return Map.of("max-downtime-ms", 20, "order-out", random.nextBoolean() ? "hot-cold" : "address");
    }

    private static Map<String, ?> byNetwork(Random random) {
        return Map.of("max-downtime-ms", 20, "via", "network", "streams", 1 + random.nextInt(2));
    }

    private record Blow(Victim victim, Moment moment) {
        static Blow random(Random random) {
            List<Moment> moments = List.of(Moment.values());
            Moment moment = moments.get(random.nextInt(moments.size()));
            return new Blow(KillTest.victim(moment, random), moment);
        }
    }

    @Test
    void noAcknowledgedWriteIsLostAndNoClientSeesAnErrorWhoeverIsKilledWhenever() throws Exception {
        Random random = new Random(TestSeed.choose(KillTest.class));
        try (Cluster cluster = Cluster.start("64M", AGENT_OPTIONS)) {
            strikeAndVerify(cluster, random, ROUNDS, KillTest::byStorage, round -> Blow.random(random));
        }
    }

    /**
     * A server that dies while the program is at rest breaks the direct path on both sides at once: every other time it does, since a
     * target that gives up then is committed to all the same, by a source that asks again.
     */
    @Test
    void norWherePagesGoByTheDirectPath() throws Exception {
        Random random = new Random(TestSeed.choose(KillTest.class));
        try (Cluster cluster = Cluster.startDirect("64M", AGENT_OPTIONS)) {
            strikeAndVerify(cluster, random, DIRECT_ROUNDS, KillTest::byStorage, round -> {
                return round % 2 == 0 ? new Blow(Victim.SERVER, Moment.PRE_SWITCHOVER) : Blow.random(random);
            });
        }
    }

    /**
     * What was sent goes with the agent that dies before the commit, on either side; the program goes on where it was committed to be,
     * with all of it. A target's agent that dies between commit and resume leaves it to the next one: every other blow is meant for that.
     */
    @Test
    void norWhereTheyGoByTheNetwork() throws Exception {
        Random random = new Random(TestSeed.choose(KillTest.class));
        try (Cluster cluster = Cluster.start("64M", AGENT_OPTIONS)) {
            strikeAndVerify(cluster, random, NETWORK_ROUNDS, KillTest::byNetwork, round -> {
                return round % 2 == 0 ? new Blow(Victim.TARGET_AGENT, Moment.PRE_SWITCHOVER) : Blow.random(random);
            });
        }
    }

    private static void strikeAndVerify(
            Cluster cluster, Random random, int rounds, Function<Random, Map<String, ?>> way, IntFunction<Blow> choice)
            throws Exception {
        long seed = random.nextLong();
        cluster.startAgents("a", "b");
        Stage stage = new Stage(cluster, random, way);
        int gateway = cluster.startGateway();
        Ballast ballast = new Ballast(gateway, seed);
        ballast.fill(32 << 20);
        try (Load load = Load.start(gateway, WRITERS, seed)) {
            for (int round = 0; round < rounds; round++) {
                Blow blow = choice.apply(round);
                System.out.println("KillTest: round " + round + ": " + blow.victim + " at " + blow.moment);
                stage.strike(blow.victim, blow.moment);
                stage.settle();
                load.awaitOperations(10);
                assertThat(load.failures()).as(blow.toString()).isEmpty();
            }
            load.verify();
            ballast.verify();
        }
    }

    // A program that has the partition takes it along; that is another test.
    private static Victim victim(Moment moment, Random random) {
        return switch (moment) {
            case SETUP, ACTIVE, VERIFY, PUT_OFF -> Victim.values()[random.nextInt(4)];
            case PRE_SWITCHOVER, AROUND_COMMIT -> Victim.values()[random.nextInt(3)];
            case FILLING, SWEEP -> {
                Victim victim = Victim.values()[random.nextInt(4)];
                yield victim == Victim.TARGET_PROGRAM ? Victim.SOURCE_PROGRAM : victim;
            }
        };
    }

    /** Who runs the partition and who waits for it, round after round. */
    private static final class Stage {
        private final Cluster cluster;
        private final Random random;
        private final Function<Random, Map<String, ?>> way;
        private ChildJvm runs;
        private ChildJvm waits;
        private String here = "a";
        private String there = "b";

        Stage(Cluster cluster, Random random, Function<Random, Map<String, ?>> way) {
            this.cluster = cluster;
            this.random = random;
            this.way = way;
            this.runs = cluster.startStore(here);
            this.waits = cluster.startTwin(there);
        }

        void strike(Victim victim, Moment moment) throws Exception {
            Operator operator = cluster.operator();
            operator.awaitIncoming(there);
            // For a moment, an agent that was started anew has not been found by its program yet.
            operator.awaitHosted(here, "running");
            Map<String, ?> options = way.apply(random);
            String id = operator.migrate(there, options);
            switch (moment) {
                case SETUP -> {}
                case ACTIVE -> operator.await(id, orLater(options, "active", "pre-switchover", "postcopy-active"));
                case VERIFY -> operator.awaitStep(id, "verify");
                case PUT_OFF -> operator.awaitStep(id, "put-off");
                case PRE_SWITCHOVER -> operator.await(id, orLater(options, "pre-switchover", "postcopy-active"));
                case AROUND_COMMIT -> {
                    operator.await(id, orLater(options, "pre-switchover", "postcopy-active"));
                    Thread.sleep(random.nextInt(80));
                }
                case FILLING -> {
                    operator.awaitRunningOn(there);
                    Thread.sleep(random.nextInt(1000));
                }
                case SWEEP -> {
                    operator.awaitStepOrEnd(id, "switch");
                    Thread.sleep(random.nextInt(1000));
                }
            }
            String state = operator.migration(id).path("status").asString();
            System.out.println("KillTest: the blow falls while it is " + state);
            switch (victim) {
                case SOURCE_AGENT -> restartAgent(here);
                case TARGET_AGENT -> restartAgent(there);
                case SERVER -> cluster.killAndRestartServer();
                case TARGET_PROGRAM -> killWaitingProgram(id);
                case SOURCE_PROGRAM -> runs.close();
            }
        }

        // By the network nothing comes after the resume, so it may be over before anybody has looked.
        private static String[] orLater(Map<String, ?> options, String... states) {
            if (!options.containsKey("via")) return states;
            String[] all = Arrays.copyOf(states, states.length + 1);
            all[states.length] = "completed";
            return all;
        }

        /**
         * Only before the commit, which the source agent asks for: while that stands still, and what it has asked is
         * answered, none comes.
         */
        private void killWaitingProgram(String id) throws Exception {
            try (Frozen _ = new Frozen(cluster.agent(here))) {
                Thread.sleep(ANSWERED_WITHIN_MS);
                if (!cluster.operator().migration(id).path("committed").asBoolean()) waits.close();
            }
        }

        // One that is told to stop closes what it has, and must lose as little as one that cannot.
        private void restartAgent(String name) throws Exception {
            if (random.nextInt(3) == 0) cluster.stopAgent(name);
            else cluster.killAgent(name);
            cluster.startAgents(name);
        }

        /** Waits until the partition runs somewhere and no migration is on; then another twin waits on the other side. */
        void settle() throws Exception {
            JsonNode settled = cluster.operator()
                    .awaitPartition(now -> now.path("state").asString().equals("running") && !now.has("migration"));
            String owner = settled.path("agent").asString();
            if (owner.equals(there)) {
                runs.awaitExit();
                runs = waits;
                there = here;
                here = owner;
                waits = cluster.startTwin(there);
            } else if (!waits.isAlive()) {
                waits = cluster.startTwin(there);
            }
            System.out.println("KillTest: it runs on " + here);
        }
    }
}
