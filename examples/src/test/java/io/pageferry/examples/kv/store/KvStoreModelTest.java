package io.pageferry.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tens of thousands of random operations: store and model always agree, and no page is ever lost. */
class KvStoreModelTest {
    private static final int MIB = 1 << 20;

    @Test
    void aStoreWithRoomHoldsWhatTheModelHolds() {
        run(TestSeed.random(KvStoreModelTest.class), 64L * MIB, 60_000, 9_000);
    }

    @Test
    void aStoreThatIsOftenFullRefusesAndLosesNothing() {
        StoreModel model = run(TestSeed.random(KvStoreModelTest.class), 2L * MIB, 60_000, 9_000);
        assertThat(model.refusals()).isPositive();
    }

    @Test
    void valuesUpToOneMebibyteComeBackWhole() {
        run(TestSeed.random(KvStoreModelTest.class), 96L * MIB, 3_000, KvStore.MAX_VALUE_BYTES);
    }

    private static StoreModel run(Random random, long sizeBytes, int steps, int maxValueBytes) {
        StoreModel model = new StoreModel(random, sizeBytes);
        StoreFigures fresh = model.store().figures();
        for (int step = 0; step < steps; step++) {
            model.step(maxValueBytes);
            if (step % (steps / 8) == 0) {
                model.checkAll();
                model.migrate();
            }
        }
        model.checkAll();
        model.removeAll();
        model.checkAll();
        StoreFigures empty = model.store().figures();
        assertThat(empty.freePages()).as("no page is lost").isEqualTo(fresh.freePages());
        assertThat(empty.bucketCount()).isEqualTo(fresh.bucketCount());
        while (model.store().releasePages(1000) > 0) {}
        assertThat(model.store().figures().stalePages()).isZero();
        for (int step = 0; step < steps / 10; step++) model.step(maxValueBytes);
        model.store().clear();
        model.forgetAll();
        model.checkAll();
        assertThat(model.store().figures().freePages()).isEqualTo(fresh.freePages());
        return model;
    }
}
