package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KernelTest {
    @Test
    void eachThreadSeesTheErrnoOfItsOwnCall() throws InterruptedException {
        AtomicLong wrong = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean badDescriptor = i % 2 == 0;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 20_000; round++) {
                    long result = badDescriptor
                            ? Kernel.call(SystemCall.LSEEK, -1, 0, 0)
                            : Kernel.call(SystemCall.MADVISE, 1, 4096, 4);
                    if (result != (badDescriptor ? -Errno.EBADF : -Errno.EINVAL)) wrong.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) thread.join();
        assertThat(wrong).hasValue(0);
    }

    @Test
    void aFailureNamesTheCallItsArgumentsAndTheErrno() {
        LinuxException failure = LinuxException.of(SystemCall.MADVISE, -Errno.EINVAL, 0x7f0000001000L, 4096, 4);
        assertThat(failure.getMessage()).isEqualTo("madvise(0x7f0000001000, 0x1000, 4): EINVAL, invalid argument");
        assertThat(failure.errno()).isEqualTo(Errno.EINVAL);
        assertThat(Errno.text(4711)).isEqualTo("errno 4711");
    }
}
