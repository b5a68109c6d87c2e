package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.server.migration.ControlCalls.Reply;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The server dies around the commit, again and again: whatever is found afterwards is one of the two outcomes, whole; if the
 * source was told of the commit then it is that one; and asking again brings it about.
 */
class CommitCrashTest {
    private static final int ROUNDS = Integer.getInteger("pageferry.rounds", 10);

    @TempDir
    private Path pool;

    private final Random random = TestSeed.random(CommitCrashTest.class);
    private final List<String> outcomes = new ArrayList<>();
    private String owner = "a";
    private long epoch = 1;
    private boolean told;

    @Test
    void afterEveryCrashOneSideOwnsThePartitionAndTheEpochNeverFalls() {
        for (int round = 0; round <= ROUNDS; round++) {
            try (ChildJvm child = ChildJvm.start(MigrationServerMain.class, pool.toString());
                    ControlCalls calls = new ControlCalls(child.nextLine())) {
                if (round > 0) {
                    checkWhatIsFound(calls, "m-" + round);
                    bringToTheEnd(calls, "m-" + round);
                }
                if (round < ROUNDS) {
                    told = commitUnderFire(child, calls, "m-" + (round + 1));
                }
            }
        }
        System.out.println("outcomes after " + ROUNDS + " crashes: " + outcomes);
    }

    /** Returns whether the source was told that it is committed, before the server died. */
    private boolean commitUnderFire(ChildJvm child, ControlCalls calls, String id) {
        FakeAgent source = hosting(calls, owner, "running");
        hosting(calls, other(), "incoming");
        calls.post("/v1/migrations", "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"" + other() + "\"}")
                .ok();
        String token = source.quiesces(id);
        arm(child);
        try {
            Reply reply = source.commits(id, token);
            child.kill();
            return reply.status() == 200;
        } catch (UncheckedIOException diedOverIt) {
            return false;
        }
    }

    // In the fence, somewhere on the way, as soon as the journal grows, before the source is told, or once it has been.
    private void arm(ChildJvm child) {
        switch (random.nextInt(5)) {
            case 0 -> child.ask("fence 0");
            case 1 -> child.ask("fence " + (1 + random.nextInt(400_000)));
            case 2 -> child.ask("journal 0");
            case 3 -> child.ask("announced 0");
            default -> {}
        }
    }

    private void checkWhatIsFound(ControlCalls calls, String id) {
        JsonNode migration = calls.get("/v1/migrations/" + id).ok();
        JsonNode partition = calls.get("/v1/partitions/vm").ok();
        boolean committed = migration.path("committed").asBoolean();
        outcomes.add(committed ? (told ? "told" : "committed") : "not");
        assertThat(committed || !told).as("what was told is so").isTrue();
        assertThat(migration.path("status").asString()).isEqualTo(committed ? "postcopy-active" : "pre-switchover");
        assertThat(partition.path("agent").asString()).isEqualTo(committed ? other() : owner);
        assertThat(partition.path("epoch").asLong()).isEqualTo(committed ? epoch + 1 : epoch);
        assertThat(migration.path("epoch").asLong()).isEqualTo(committed ? epoch + 1 : epoch);
    }

    /** The agents register again, the source asks again until it knows, and the target goes on. */
    private void bringToTheEnd(ControlCalls calls, String id) {
        new FakeAgent(calls, owner).hosts("vm", "quiesced").refused(404, "no agent named " + owner);
        FakeAgent source = hosting(calls, owner, "quiesced");
        FakeAgent target = hosting(calls, other(), "incoming");
        String sourceToken = source.workOn(id).path("lease-token").asString();
        for (int i = 0; i < 2; i++) {
            JsonNode answer = source.commits(id, sourceToken).ok();
            assertThat(answer.path("status").asString()).isEqualTo("postcopy-active");
            assertThat(answer.path("epoch").asLong()).isEqualTo(epoch + 1);
        }
        assertThat(source.workOn(id).has("lease-token")).isFalse();
        assertThat(target.workOn(id).path("lease-token").asString()).hasSize(32);
        target.says("target", id, "resumed").ok();
        target.hosts("vm", "running").ok();
        target.says("target", id, "completed").ok();
        owner = other();
        epoch++;
    }

    private static FakeAgent hosting(ControlCalls calls, String name, String state) {
        FakeAgent agent = FakeAgent.registered(calls, name);
        agent.hosts("vm", state).ok();
        return agent;
    }

    private String other() {
        return owner.equals("a") ? "b" : "a";
    }
}
