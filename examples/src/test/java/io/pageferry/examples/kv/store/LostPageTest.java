package io.pageferry.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page of the store is lost: whoever touches it gets an error of the JVM, as from memory behind the end of its file. */
class LostPageTest {
    private static final long SIZE_BYTES = 8L << 20;
    private static final long PAGE_BYTES = 4096;

    @TempDir
    private Path folder;

    @Test
    void aReadThatRemovesWhatHasExpiredAndMeetsItLeavesTheStoreReadOnlyForGood() throws IOException {
        try (Arena arena = Arena.ofShared();
                FileChannel file = FileChannel.open(
                        folder.resolve("memory"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            PoisoningMemory memory = new PoisoningMemory(file.map(MapMode.READ_WRITE, 0, SIZE_BYTES, arena));
            KvStore store = KvStore.format(memory);
            store.begin(1000);
            put(store, "soon", 10, 2000);
            put(store, "other", 10, -1);
            // The last of the heap of deadlines, which takes the place of what expires; its record lies behind all
            // else.
            put(store, "later", 100_000, 9000);
            long lost = find(store, "later");
            assertThat(lost).isGreaterThan(Math.max(find(store, "soon"), find(store, "other")) + PAGE_BYTES);
            file.truncate(lost / PAGE_BYTES * PAGE_BYTES);

            store.begin(1500);
            assertThat(find(store, "soon")).as("nothing to remove yet").isNotZero();
            assertThatThrownBy(() -> find(store, "later")).isInstanceOf(InternalError.class);
            store.metLostPage(false);
            assertThat(store.isDamaged()).as("by a read that changed nothing").isFalse();

            store.begin(3000);
            assertThatThrownBy(() -> find(store, "soon")).isInstanceOf(InternalError.class);
            store.metLostPage(false);
            assertThat(store.isDamaged()).isTrue();
            store.begin(3001);
            assertThat(find(store, "other")).as("it can be read").isNotZero();
            assertThat(KvStore.open(memory).isDamaged()).as("wherever it goes").isTrue();
        }
    }

    private static void put(KvStore store, String key, int valueBytes, long deadlineMs) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        Expiry expiry = deadlineMs < 0 ? Expiry.NONE : Expiry.at(deadlineMs);
        store.put(bytes, 0, bytes.length, new byte[valueBytes], 0, valueBytes, expiry);
    }

    private static long find(KvStore store, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return store.find(bytes, 0, bytes.length);
    }
}
