package io.pageferry.server.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeasesTest {
    private static final Duration TTL = Duration.ofSeconds(30);

    @TempDir
    Path pool;

    private final FakeClock clock = new FakeClock();
    private Catalog catalog;

    @BeforeEach
    void open() throws Exception {
        catalog = Catalog.open(pool, clock);
    }

    @AfterEach
    void close() throws Exception {
        catalog.close();
    }

    private void addSpace(String name) {
        catalog.addSpace(new SpaceRecord(name, 4096, OptionalLong.empty(), clock.instant()));
    }

    @Test
    void aHeldLeaseIsRefusedByNameAndExpiryUntilItExpires() {
        addSpace("s");
        Lease held = catalog.acquire("s", "alice", TTL);
        assertThatThrownBy(() -> catalog.acquire("s", "bob", TTL))
                .isInstanceOf(LeaseHeldException.class)
                .hasMessageContaining("alice")
                .hasMessageContaining(held.expires().toString())
                .asInstanceOf(type(LeaseHeldException.class))
                .satisfies(refusal -> assertThat(refusal.hint()).contains("release or transfer"));

        clock.advance(TTL);
        Lease taken = catalog.acquire("s", "bob", TTL);
        assertThat(taken.epoch()).isEqualTo(held.epoch() + 1);
        assertThatThrownBy(() -> catalog.renew("s", held.token(), TTL))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("bob");
    }

    @Test
    void writersAreAdmittedByTokenOrWhereThereIsNoLease() {
        addSpace("s");
        assertThat(catalog.writerEpoch("s", null)).hasValue(0);
        assertThat(catalog.writerEpoch("none", null)).isEmpty();
        Lease lease = catalog.acquire("s", "alice", TTL);
        assertThat(catalog.writerEpoch("s", null)).isEmpty();
        assertThat(catalog.writerEpoch("s", "0".repeat(32))).isEmpty();
        assertThat(catalog.writerEpoch("s", lease.token())).hasValue(lease.epoch());
        clock.advance(TTL);
        assertThat(catalog.writerEpoch("s", lease.token())).isEmpty();
        assertThat(catalog.writerEpoch("s", null)).isEmpty();
        catalog.renew("s", lease.token(), TTL);
        assertThat(catalog.writerEpoch("s", lease.token())).hasValue(lease.epoch());
        catalog.release("s", lease.token());
        assertThat(catalog.writerEpoch("s", null)).hasValue(0);
        assertThat(catalog.acquire("s", "bob", TTL).epoch()).isEqualTo(lease.epoch() + 1);
    }

    @Test
    void theFenceRunsBeforeTheNewHolderIsThereAndNobodyIsAdmittedMeanwhile() {
        addSpace("s");
        List<String> fenced = new ArrayList<>();
        Lease first = catalog.acquire("s", "alice", TTL);
        catalog.fenceWith((space, newEpoch) -> {
            fenced.add(space + newEpoch);
            assertThat(catalog.lease("s")).contains(first);
            assertThat(catalog.writerEpoch("s", first.token())).isEmpty();
            assertThat(catalog.writerEpoch("s", null)).isEmpty();
        });
        catalog.renew("s", first.token(), TTL);
        assertThat(fenced).isEmpty();
        Lease second = catalog.transfer("s", first.token(), "bob", TTL);
        assertThat(fenced).containsExactly("s" + second.epoch());
        assertThat(catalog.writerEpoch("s", second.token())).hasValue(second.epoch());
        assertThat(catalog.writerEpoch("s", first.token())).isEmpty();
    }

    @Test
    void aFenceThatFailsLeavesTheLeaseWhereItWas() {
        addSpace("s");
        Lease first = catalog.acquire("s", "alice", TTL);
        catalog.fenceWith((space, newEpoch) -> {
            throw new IllegalStateException("a connection could not be cut");
        });
        assertThatThrownBy(() -> catalog.transfer("s", first.token(), "bob", TTL))
                .hasMessage("a connection could not be cut");
        assertThat(catalog.writerEpoch("s", first.token())).hasValue(first.epoch());
    }

    @Test
    void aTransferCommitsOtherRecordsInTheSameStep() throws Exception {
        addSpace("s");
        Lease first = catalog.acquire("s", "alice", TTL);
        Lease second =
                catalog.transfer("s", first.token(), "bob", TTL, List.of(Change.put("migration/1", "{\"state\":1}")));
        catalog.close();
        catalog = Catalog.open(pool, clock);
        assertThat(catalog.lease("s")).contains(second);
        assertThat(catalog.record("migration/1")).isPresent();
    }

    /** Holds random operations of several actors, with reopenings, against a model of a few lines. */
    @Test
    void leasesBehaveAsTheirModel() throws Exception {
        Random random = TestSeed.random(LeasesTest.class);
        Map<String, Lease> model = new HashMap<>();
        Map<String, Long> epochs = new HashMap<>();
        Set<String> tokens = new HashSet<>();
        List<Lease> everHeld = new ArrayList<>();
        for (String space : List.of("a", "b")) {
            addSpace(space);
        }
        for (int step = 0; step < 1500; step++) {
            String space = random.nextBoolean() ? "a" : "b";
            Duration ttl = Duration.ofMillis(1 + random.nextInt(5000));
            String token = anyToken(random, everHeld);
            @Nullable Lease held = model.get(space);
            boolean proves = held != null && held.token().equals(token);
            Instant now = clock.instant();
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    Optional<Lease> got = attempt(() -> catalog.acquire(space, "h" + random.nextInt(3), ttl));
                    assertThat(got.isPresent()).isEqualTo(held == null || held.isExpiredAt(now));
                    got.ifPresent(lease -> taken(lease, model, epochs, tokens, everHeld));
                }
                case 2 -> {
                    Optional<Lease> got = attempt(() -> catalog.renew(space, token, ttl));
                    assertThat(got.isPresent()).isEqualTo(proves);
                    got.ifPresent(lease -> model.put(space, lease));
                    got.ifPresent(lease -> assertThat(lease.epoch()).isEqualTo(epochs.get(space)));
                }
                case 3 -> {
                    Optional<Lease> got = attempt(() -> catalog.transfer(space, token, "t", ttl));
                    assertThat(got.isPresent()).isEqualTo(proves);
                    got.ifPresent(lease -> taken(lease, model, epochs, tokens, everHeld));
                }
                case 4 -> {
                    if (attempt(() -> release(space, token)).isPresent()) {
                        assertThat(proves).isTrue();
                        model.remove(space);
                    }
                }
                case 5 -> clock.advance(Duration.ofMillis(random.nextInt(3000)));
                default -> {
                    if (random.nextInt(20) == 0) {
                        catalog.close();
                        catalog = Catalog.open(pool, clock);
                    }
                }
            }
            assertThat(catalog.lease(space)).isEqualTo(Optional.ofNullable(model.get(space)));
        }
    }

    private boolean release(String space, String token) {
        catalog.release(space, token);
        return true;
    }

    private static void taken(
            Lease lease, Map<String, Lease> model, Map<String, Long> epochs, Set<String> tokens, List<Lease> everHeld) {
        assertThat(tokens.add(lease.token())).as("a token is new").isTrue();
        assertThat(lease.token()).matches("[0-9a-f]{32}");
        assertThat(lease.epoch()).isEqualTo(epochs.getOrDefault(lease.space(), 0L) + 1);
        epochs.put(lease.space(), lease.epoch());
        model.put(lease.space(), lease);
        everHeld.add(lease);
    }

    private static String anyToken(Random random, List<Lease> everHeld) {
        int recent = Math.min(4, everHeld.size());
        return recent == 0
                ? "none"
                : everHeld.get(everHeld.size() - 1 - random.nextInt(recent)).token();
    }

    private static <T> Optional<T> attempt(Supplier<T> operation) {
        try {
            return Optional.of(operation.get());
        } catch (LeaseHeldException | LeaseLostException refused) {
            return Optional.empty();
        }
    }
}
