package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ArrivalTurnsTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 300;

    private final ArrivalTurns turns = new ArrivalTurns();
    private final AtomicInteger leaving = new AtomicInteger();
    private final AtomicInteger filling = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();

    /** A migration that was given up ends while the next one begins; some are cancelled while they wait. */
    @Test
    void ofMigrationsOutAndFillingOneGoesOnAtATime() {
        Random random = TestSeed.random(ArrivalTurnsTest.class);
        turns.arrivalKnown();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            Random own = new Random(random.nextLong());
            boolean fills = thread == 0;
            threads.add(CompletableFuture.runAsync(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    if (fills) fill();
                    else leave(own);
                }
            }));
        }
        CompletableFuture.allOf(threads.toArray(CompletableFuture<?>[]::new)).join();
        assertThat(left.get()).as("not all were cancelled").isPositive();
    }

    /** Who ends takes the manifest along that the migration goes by. */
    @Test
    void nothingEndsUnderAMigrationOut() throws Exception {
        turns.arrivalKnown();
        turns.beginLeaving(() -> {}, () -> {});
        CompletableFuture<Boolean> mayFill =
                CompletableFuture.supplyAsync(() -> waiting(() -> turns.beginFilling(() -> {})));
        CompletableFuture<Boolean> isOver = CompletableFuture.supplyAsync(() -> waiting(() -> {
            turns.awaitOver();
            return true;
        }));
        turns.end();
        Thread.sleep(100);
        assertThat(List.of(mayFill.isDone(), isOver.isDone())).containsOnly(false);
        turns.endLeaving(false);
        assertThat(mayFill.get(1, TimeUnit.MINUTES)).isFalse();
        assertThat(isOver.get(1, TimeUnit.MINUTES)).isTrue();
    }

    private static boolean waiting(Callable<Boolean> turn) {
        try {
            return turn.call();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private void fill() {
        try {
            assertThat(turns.beginFilling(() -> {})).isTrue();
            assertThat(filling.incrementAndGet() + leaving.get()).isEqualTo(1);
            Thread.sleep(0, 50_000);
            filling.decrementAndGet();
            turns.endFilling();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private void leave(Random random) {
        boolean impatient = random.nextInt(3) == 0;
        try {
            turns.beginLeaving(() -> {}, () -> {
                if (impatient) throw new MigrationCancelledException();
            });
            assertThat(leaving.incrementAndGet()).isEqualTo(1);
            assertThat(filling.get()).isZero();
            Thread.sleep(0, 50_000);
            left.incrementAndGet();
            leaving.decrementAndGet();
            turns.endLeaving(false);
        } catch (MigrationCancelledException cancelled) {
            assertThat(impatient).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
