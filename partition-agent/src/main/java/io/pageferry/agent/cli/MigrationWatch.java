package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.control.ControlException;
import io.pageferry.migration.MigrationState;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Goes along with a migration to its end, and shows the way on stderr where that is a terminal. */
final class MigrationWatch {
    private static final long WAIT_MS = 5_000;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final int LOOKS_AT_SOURCE = 10;
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_RETRIES = 30;

    private final ControlClient server;
    private final ProgressLine line;
    private final PrintWriter err;
    private final Consumer<JsonNode> onChange;
    private String stalled = "";

    MigrationWatch(ControlClient server, PrintWriter err) {
        this(server, err, unheard -> {});
    }

    /** @param onChange is told of the migration at once, and whenever it has changed, until it is over */
    MigrationWatch(ControlClient server, PrintWriter err, Consumer<JsonNode> onChange) {
        this.server = server;
        this.err = err;
        this.line = ProgressLine.on(err);
        this.onChange = onChange;
    }

    /** Returns the migration as it is at its end. */
    JsonNode follow(JsonNode begun) throws InterruptedException {
        String path = ControlClient.path("v1", "migrations", begun.path("id").asString());
        JsonNode migration = begun;
        show(migration);
        while (!isOver(migration)) {
            long version = migration.path("version").asLong();
            migration = next(path + "?wait-ms=" + WAIT_MS + "&after=" + version);
            if (migration.path("version").asLong() != version || isOver(migration)) show(migration);
            // Figures change many times a second, and who migrates needs the processors more than who looks on.
            if (!isOver(migration)) Thread.sleep(BETWEEN_LOOKS);
        }
        line.end();
        return withSource(path, migration);
    }

    /** The target may be done before the source, which gives its memory back meanwhile, has told the end of its story. */
    private JsonNode withSource(String path, JsonNode over) throws InterruptedException {
        JsonNode migration = over;
        for (int look = 0; look < LOOKS_AT_SOURCE && !hasSourceEnded(migration); look++) {
            Thread.sleep(BETWEEN_LOOKS);
            migration = next(path);
        }
        return migration;
    }

    private static boolean hasSourceEnded(JsonNode migration) {
        boolean hasSource = migration.path("status").asString().equals(MigrationState.COMPLETED.word())
                && migration.path("kind").asString().equals("migrate");
        return !hasSource || migration.path("source-progress").has("eviction-time-ms");
    }

    private void show(JsonNode migration) {
        line.show(migration);
        onChange.accept(migration);
        // Said once, and where no line is drawn over and over, too: else it would be waited for without a word.
        String now = migration.path("stalled").asString("");
        if (!now.isEmpty() && !now.equals(stalled)) {
            line.end();
            err.println("pageferry: " + migration.path("id").asString() + ": " + now);
            err.flush();
        }
        stalled = now;
    }

    // A server that restarts goes on with its migrations, so it is given time to come back.
    private JsonNode next(String path) throws InterruptedException {
        for (int retry = 0; ; retry++) {
            try {
                return server.get(path, ANSWER_TIMEOUT).json();
            } catch (ControlException.Unreachable e) {
                if (retry == MAX_RETRIES) {
                    line.end();
                    throw e;
                }
                Thread.sleep(RETRY_PAUSE);
            }
        }
    }

    static boolean isOver(JsonNode migration) {
        return MigrationState.ofWord(migration.path("status").asString())
                .filter(MigrationState::isTerminal)
                .isPresent();
    }

    /** 0 where it completed; otherwise 1, and one line that says why. */
    static int exitCode(JsonNode migration, PrintWriter err) {
        String status = migration.path("status").asString();
        if (status.equals(MigrationState.COMPLETED.word())) {
            return 0;
        }
        String why = migration.has("error") ? ": " + migration.path("error").asString() : "";
        err.println("pageferry: " + migration.path("id").asString() + " " + status + why);
        err.flush();
        return Errors.FAILED;
    }
}
