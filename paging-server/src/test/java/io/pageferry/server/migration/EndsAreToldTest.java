package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.attach.ProgramState;
import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.SpaceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A migration that has ended is in no list of work any more but the next one: whoever misses that waits for ever. Invariant: each
 * end is told to whoever asks after the version that he was given last.
 */
class EndsAreToldTest {
    private static final int ROUNDS = 3000;
    private static final long WAIT_MS = 20_000;
    private static final long EVERYTHING = 1;

    @TempDir
    private Path pool;

    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private Catalog catalog;
    private MigrationService service;
    private String source;
    private String target;

    @BeforeEach
    void start() throws IOException {
        catalog = Catalog.open(pool);
        catalog.addSpace(new SpaceRecord("vm", 1 << 21, OptionalLong.empty(), Instant.now()));
        catalog.fenceWith((space, epoch) -> {});
        service = MigrationService.start(catalog, new NoSpaces(), Duration.ofHours(1));
        source = register("a", ProgramState.RUNNING);
        target = register("b", ProgramState.INCOMING);
    }

    @AfterEach
    void stop() throws IOException {
        service.close();
        catalog.close();
    }

    private String register(String agent, ProgramState state) {
        String session = service.register(agent, 1, "now", "");
        HostedPartition program = new HostedPartition("vm", 1 << 20, state, Optional.empty(), 7);
        service.host(agent, Optional.of(session), List.of(program));
        return session;
    }

    private String migrate() {
        MigrationRequest request =
                new MigrationRequest(MigrationKind.MIGRATE, "vm", Optional.of("b"), MigrationOptions.defaults(), false);
        return service.create(request).id();
    }

    private void sourceSays(String id, String state) {
        Report report = new Report(Optional.of(state), Optional.empty(), Optional.empty(), List.of());
        service.report(id, Side.SOURCE, Optional.of(source), report);
    }

    /** An agent's loop; ends when it has heard of the end of the last one. */
    private void listen(String last) {
        try {
            long version = 0;
            while (!told.contains(last)) {
                MigrationService.Work work = service.work("b", Optional.of(target), version, WAIT_MS);
                version = work.version();
                for (MigrationView migration : work.migrations()) {
                    if (migration.ended().isPresent()) told.add(migration.id());
                }
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whoeverListensHearsOfEachEnd() throws InterruptedException {
        Thread listener = Thread.ofPlatform().start(() -> listen("m-" + ROUNDS));
        for (int round = 1; round <= ROUNDS; round++) {
            String id = migrate();
            sourceSays(id, "active");
            sourceSays(id, "failed");
            // The listener hears of one before the next, as an agent that has nothing else to do.
            long endNs = System.nanoTime() + 200_000_000;
            while (!told.contains(id) && System.nanoTime() < endNs) Thread.onSpinWait();
            assertThat(told).as("after %s rounds", round).contains(id);
        }
        listener.join(WAIT_MS);
        assertThat(listener.isAlive()).isFalse();
    }

    @Test
    void whoRegistersAnewHearsOfWhatHasEndedMeanwhile() throws InterruptedException {
        String id = migrate();
        sourceSays(id, "failed");
        target = register("b", ProgramState.INCOMING);
        List<MigrationView> work =
                service.work("b", Optional.of(target), EVERYTHING, 0).migrations();
        assertThat(work).extracting(MigrationView::id).containsExactly(id);
        assertThat(service.work("b", Optional.of(target), 0, 0).migrations())
                .as("to one that has just started it is nothing new")
                .isEmpty();
    }
}
