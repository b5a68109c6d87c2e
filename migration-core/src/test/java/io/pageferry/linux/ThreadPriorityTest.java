package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadPriorityTest {
    @Test
    void aThreadIsSetByItsNameAndNoOtherIs() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Integer> named = new CompletableFuture<>();
        CompletableFuture<Integer> other = new CompletableFuture<>();
        start("lowered-thread-with-a-long-name", named, end);
        start("untouched", other, end);
        assertThat(ThreadPriority.setNamed("lowered-thread", 7)).isEqualTo(1);
        assertThat(nice(named.get())).isEqualTo(7);
        assertThat(nice(other.get())).isEqualTo(ThreadPriority.own());
        end.countDown();
    }

    @Test
    void aThreadSetsItself() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            ThreadPriority.setOwn(9);
            seen.complete(nice(ownId()) + ThreadPriority.own());
        });
        assertThat(seen.get()).isEqualTo(18);
    }

    private static void start(String name, CompletableFuture<Integer> id, CountDownLatch end)
            throws InterruptedException {
        Thread.ofPlatform().name(name).start(() -> {
            id.complete(ownId());
            try {
                end.await();
            } catch (InterruptedException notExpected) {
                Thread.currentThread().interrupt();
            }
        });
        id.join();
    }

    private static int ownId() {
        return (int) Kernel.require(SystemCall.GETTID, 0, 0, 0);
    }

    private static int nice(int threadId) {
        try {
            String stat = Files.readString(Path.of("/proc/self/task/" + threadId + "/stat"));
            // proc(5): field 19, of which the second is the name in parentheses.
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Integer.parseInt(afterName[16]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
