package io.pageferry.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** How the store uses its pages: to the last, and how it gives them back. */
class KvStoreSpaceTest {
    private static final long SIZE_BYTES = 16L << 20;

    private final PoisoningMemory memory = new PoisoningMemory(SIZE_BYTES);
    private final KvStore store = KvStore.format(memory);

    @Test
    void aFullStoreRefusesAndTakesAsMuchAgainAfterDeleting() {
        for (int valueBytes : new int[] {3, 500, 6_000, 60_000, KvStore.MAX_VALUE_BYTES}) {
            int first = fill(valueBytes);
            assertThat((long) first * (valueBytes + 32)).isGreaterThan(SIZE_BYTES / 2);
            for (int i = 0; i < first; i++) assertThat(remove("key " + i)).isTrue();
            assertThat(fill(valueBytes)).isEqualTo(first);
            store.clear();
        }
    }

    @Test
    void aFullStoreStillReadsOverwritesAndDeletes() {
        int count = fill(100);
        put("key 7", new byte[100]);
        assertThat(find("key " + (count - 1))).isNotZero();
        assertThat(remove("key 3")).isTrue();
        put("key 3", new byte[100]);
        assertThatThrownBy(() -> put("one more", new byte[100])).isInstanceOf(StoreFullException.class);
    }

    @Test
    void deletingMostSmallRecordsGivesMostPagesBack() {
        int count = fill(100);
        for (int i = 0; i < count; i++) if (i % 20 != 0) remove("key " + i);
        while (store.compact(10) > 0) {}
        StoreFigures figures = store.figures();
        long needed = (count / 20) * 160L / 4096;
        assertThat(figures.dataPages() - figures.freePages()).isLessThan(needed * 2);
        for (int i = 0; i < count; i += 20) assertThat(find("key " + i)).isNotZero();
    }

    @Test
    void freePagesAreReleasedInRunsAndOnlyOnce() {
        fill(60_000);
        store.clear();
        long stale = store.figures().stalePages();
        while (store.releasePages(512) > 0) {}
        assertThat(memory.releasedPages()).isEqualTo(stale);
        assertThat(memory.releaseCalls()).isLessThanOrEqualTo(stale / 512 + 2);
        assertThat(store.releasePages(512)).isZero();
    }

    @Test
    void pagesOfLargeValuesAreDeclaredReadOnlyUntilTheyAreRewritten() {
        put("large", new byte[100_000]);
        assertThat(memory.readOnlyPages()).isEqualTo(25);
        put("large", new byte[100_000]);
        assertThat(memory.readOnlyPages()).isZero();
        put("other", new byte[100_000]);
        remove("other");
        assertThat(memory.readOnlyPages()).isZero();
    }

    @Test
    void memoryThatHoldsSomethingElseIsRefused() {
        assertThatThrownBy(() -> KvStore.format(memory)).hasMessageContaining("not blank");
        PoisoningMemory other = new PoisoningMemory(SIZE_BYTES);
        assertThat(KvStore.isBlank(other)).isTrue();
        assertThatThrownBy(() -> KvStore.open(other)).hasMessageContaining("something else");
        other.release(0, 4096);
        assertThatThrownBy(() -> KvStore.open(other)).hasMessageContaining("something else");
        assertThatThrownBy(() -> KvStore.format(new PoisoningMemory(4096))).hasMessageContaining("at least");
    }

    private int fill(int valueBytes) {
        byte[] value = new byte[valueBytes];
        for (int i = 0; ; i++) {
            try {
                put("key " + i, value);
            } catch (StoreFullException full) {
                return i;
            }
        }
    }

    private void put(String key, byte[] value) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        store.put(bytes, 0, bytes.length, value, 0, value.length, Expiry.NONE);
    }

    private boolean remove(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return store.remove(bytes, 0, bytes.length);
    }

    private long find(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return store.find(bytes, 0, bytes.length);
    }
}
