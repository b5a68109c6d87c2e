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
    void aThreadIsFoundByTheBeginOfItsNameAndMadeIdleAndNoOtherIs() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Integer> named = new CompletableFuture<>();
        CompletableFuture<Integer> other = new CompletableFuture<>();
        start("idle-thread-with-a-long-name", named, end);
        start("untouched", other, end);
        assertThat(ThreadPriority.named("idle-thread")).containsExactly(named.get());
        ThreadPriority.setIdle(named.get(), true);
        assertThat(policy(named.get())).isEqualTo(5);
        assertThat(policy(other.get())).isZero();
        if (ThreadPriority.mayRaise()) {
            ThreadPriority.setIdle(named.get(), false);
            assertThat(policy(named.get())).isZero();
        }
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
        return field(threadId, 19);
    }

    private static int policy(int threadId) {
        return field(threadId, 41);
    }

    private static int field(int threadId, int number) {
        try {
            String stat = Files.readString(Path.of("/proc/self/task/" + threadId + "/stat"));
            // proc(5): fields from 1, of which the second is the name in parentheses.
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Integer.parseInt(afterName[number - 3]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
