package io.pageferry.server.migration;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One step at a time on a partition; steps on different partitions mostly run side by side. A step may wait for the device (a
 * fence, a sync), so nothing that only reads takes these locks.
 */
final class PartitionLocks {
    private static final int LOCKS = 64;

    private final Lock[] locks = new Lock[LOCKS];

    PartitionLocks() {
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    <T> T exclusively(String partition, Supplier<T> step) {
        Lock lock = locks[Math.floorMod(partition.hashCode(), LOCKS)];
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }
}
