package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.pageferry.attach.ProgramState;
import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.SpaceRecord;
import io.pageferry.server.http.ApiException;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that stops while the watch over its agents commits. Invariant: the step is whole, and the catalog closes after it. */
class CloseRaceTest {
    private static final int ROUNDS = 150;
    private static final Duration PATIENCE = Duration.ofMillis(2);
    private static final int LONGEST_LIFE_US = 6_000;

    @TempDir
    private Path pool;

    private final Random random = TestSeed.random(CloseRaceTest.class);

    @Test
    void aStopDoesNotBreakTheCommitThatIsUnderWay() throws IOException {
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.addSpace(new SpaceRecord("vm", 1 << 21, OptionalLong.empty(), Instant.now()));
        }
        for (int round = 1; round <= ROUNDS; round++) {
            Catalog catalog = Catalog.open(pool);
            liveAndStop(catalog);
            assertThatCode(catalog::close).as("round %s", round).doesNotThrowAnyException();
        }
        try (Catalog catalog = Catalog.open(pool)) {
            assertThat(catalog.recordsUnder(Ledger.MIGRATIONS)).hasSizeBetween(2, ROUNDS);
        }
    }

    /** One life of a server: a migration begins and its agents fall silent, so that the watch fails it just about when it stops. */
    private void liveAndStop(Catalog catalog) {
        catalog.fenceWith((space, epoch) -> {});
        MigrationService service = MigrationService.start(catalog, new NoSpaces(), PATIENCE);
        try {
            host(service, "a", ProgramState.RUNNING);
            host(service, "b", ProgramState.INCOMING);
            service.create(new MigrationRequest(
                    MigrationKind.MIGRATE, "vm", Optional.of("b"), MigrationOptions.defaults(), false));
        } catch (ApiException tooSlow) {
            assertThat(tooSlow.status()).as(tooSlow.error()).isBetween(400, 499);
        }
        LockSupport.parkNanos(random.nextInt(LONGEST_LIFE_US) * 1000L);
        service.close();
    }

    private static void host(MigrationService service, String agent, ProgramState state) {
        String session = service.register(agent, 1, "now", "");
        service.host(
                agent, Optional.of(session), List.of(new HostedPartition("vm", 1 << 20, state, Optional.empty(), 7)));
    }
}
