package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.control.ControlException;
import io.pageferry.migration.MigrationState;
import java.io.PrintWriter;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** Goes along with a migration to its end, and shows the way on stderr where that is a terminal. */
final class MigrationWatch {
    private static final long WAIT_MS = 5_000;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_RETRIES = 30;

    private final ControlClient server;
    private final ProgressLine line;

    MigrationWatch(ControlClient server, PrintWriter err) {
        this.server = server;
        this.line = ProgressLine.on(err);
    }

    /** Returns the migration as it is at its end. */
    JsonNode follow(JsonNode begun) throws InterruptedException {
        String path = ControlClient.path("v1", "migrations", begun.path("id").asString());
        JsonNode migration = begun;
        line.show(migration);
        while (!isOver(migration)) {
            migration = next(path + "?wait-ms=" + WAIT_MS + "&after="
                    + migration.path("version").asLong());
            line.show(migration);
        }
        line.end();
        return migration;
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

    private static boolean isOver(JsonNode migration) {
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
