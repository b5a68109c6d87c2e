package io.pageferry.server.migration;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who waits for which change. A topic, such as {@code partition/vm1}, has the version of its last change; versions come from
 * one counter and only rise, also over a restart of the server, since the counter starts at the clock's microseconds.
 *
 * <p>Invariant: no wake-up is lost. Whoever changes something publishes it first and raises its topic's version after; whoever
 * waits is given the version first and reads what is published after. So a change that he did not read has a higher
 * version than he was given, and his next wait returns at once.
 */
final class Topics {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Topic> topics = new HashMap<>();
    private final long startVersion = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    private long version = startVersion;

    private static final class Topic {
        private final Condition changed;
        private long version;
        private int waiting;

        Topic(Condition changed, long version) {
            this.changed = changed;
            this.version = version;
        }
    }

    /** Says that what these topics are about has changed and is published; returns the new version. */
    long changed(Iterable<String> names) {
        lock.lock();
        try {
            version++;
            for (String name : names) {
                Topic topic = topic(name);
                topic.version = version;
                topic.changed.signalAll();
            }
            return version;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the topic's version is above {@code after}, at most {@code waitMs}; returns a version to ask after next time.
     * A number that this server has not reached yet is from another life of it, and waits for nothing.
     */
    long await(String name, long after, long waitMs) throws InterruptedException {
        long remainingNs = TimeUnit.MILLISECONDS.toNanos(waitMs);
        lock.lock();
        try {
            Topic topic = topic(name);
            topic.waiting++;
            try {
                while (topic.version <= after && after <= version && remainingNs > 0) {
                    remainingNs = topic.changed.awaitNanos(remainingNs);
                }
                return version;
            } finally {
                topic.waiting--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The version that the server started with: everything that it found durable has changed by then. */
    long startVersion() {
        return startVersion;
    }

    /** Forgets a topic that nothing will be published about any more, unless somebody still waits for it. */
    void forget(String name) {
        lock.lock();
        try {
            topics.computeIfPresent(name, (key, topic) -> {
                topic.changed.signalAll();
                return topic.waiting > 0 ? topic : null;
            });
        } finally {
            lock.unlock();
        }
    }

    // A topic that nothing was published about yet is as old as the server.
    private Topic topic(String name) {
        return topics.computeIfAbsent(name, key -> new Topic(lock.newCondition(), startVersion));
    }

    static String partition(String name) {
        return "partition/" + name;
    }

    static String migration(String id) {
        return "migration/" + id;
    }

    static String agent(String name) {
        return "agent/" + name;
    }
}
