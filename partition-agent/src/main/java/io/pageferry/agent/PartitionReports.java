package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Tells the server which partitions are hosted here, and how they are.
 *
 * <p>Invariant: reports go one at a time, each of what is so when it goes; and after one that was not heard another follows, until this
 * is closed. So what the server heard last is no older than what it heard before, and comes to be what is so.
 */
final class PartitionReports implements AutoCloseable {
    /** To the server. */
    @FunctionalInterface
    interface Sender {
        /** Sends one report. @throws ControlException if it was not heard */
        void send(List<Map<String, Object>> partitions) throws InterruptedException;
    }

    private static final Logger LOG = System.getLogger(PartitionReports.class.getName());
    private static final int FIRST_RETRY_MS = 50;
    private static final int LAST_RETRY_MS = 2000;

    private final Sender sender;
    private final Supplier<List<Map<String, Object>>> hosted;
    /** Held over a whole report, by whoever makes it: nobody waits for it who must not wait for the server. */
    private final ReentrantLock turn = new ReentrantLock();

    private boolean repeating;
    private volatile boolean closed;

    /** @param hosted what is to be reported, as it is at that moment */
    PartitionReports(Sender sender, Supplier<List<Map<String, Object>>> hosted) {
        this.sender = sender;
        this.hosted = hosted;
    }

    /** Reports once. @throws ControlException if it was not heard */
    void reportNow() throws InterruptedException {
        turn.lockInterruptibly();
        try {
            sender.send(hosted.get());
        } finally {
            turn.unlock();
        }
    }

    /** Reports; if that is not heard, again and again in the background. */
    void report() {
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            if (closed) return;
            sender.send(hosted.get());
        } catch (ControlException notNow) {
            LOG.log(Level.WARNING, "partitions not reported: {0}; again in a moment", notNow.getMessage());
            repeatSoon();
        } catch (InterruptedException interrupted) {
            repeatSoon();
            Thread.currentThread().interrupt();
        } finally {
            turn.unlock();
        }
    }

    private void repeatSoon() {
        if (!repeating) Thread.ofVirtual().start(this::repeat);
        repeating = true;
    }

    private void repeat() {
        try {
            int waitMs = FIRST_RETRY_MS;
            do {
                Thread.sleep(waitMs);
                waitMs = Math.min(2 * waitMs, LAST_RETRY_MS);
            } while (!closed && !isHeard());
        } catch (InterruptedException ending) {
            LOG.log(Level.DEBUG, "partitions are reported no more");
        }
    }

    private boolean isHeard() throws InterruptedException {
        turn.lockInterruptibly();
        try {
            // Whatever ends this thread, the next report that is lost begins another.
            repeating = false;
            sender.send(hosted.get());
            return true;
        } catch (ControlException notYet) {
            repeating = true;
            LOG.log(Level.DEBUG, "partitions not reported: {0}", notYet.getMessage());
            return false;
        } finally {
            turn.unlock();
        }
    }

    /** From now on nothing is reported: programs that let go of an agent that closes are no more gone than it will be back. */
    @Override
    public void close() {
        closed = true;
    }
}
