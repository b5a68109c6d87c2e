package io.pageferry.process;

import io.pageferry.linux.LinuxException;
import io.pageferry.linux.ThreadPriority;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Work that a program at rest waits for. It is little, but each step waits for a processor, and on a busy host the steps of a
 * hand-over together waited longer than they took.
 */
public final class Foreground implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Foreground.class.getName());
    private static final int NICE = -10;

    private final int before;

    private Foreground(int nice) {
        this.before = ThreadPriority.own();
        set(nice);
    }

    /**
     * Gives weight to the calling thread until this is closed; by the same thread. Threads made meanwhile keep it. Does nothing
     * without the right to ({@code CAP_SYS_NICE}).
     */
    public static Foreground begin() {
        return new Foreground(Math.min(ThreadPriority.own(), NICE));
    }

    /** Gives the calling thread the weight that this process was started with, until this is closed: for threads made meanwhile. */
    public static Foreground pause() {
        return new Foreground(ThreadPriority.ofProcess());
    }

    private static void set(int nice) {
        if (!ThreadPriority.mayRaise()) return;
        try {
            ThreadPriority.setOwn(nice);
        } catch (LinuxException limited) {
            LOG.log(Level.DEBUG, "no more weight than others: {0}", limited.getMessage());
        }
    }

    @Override
    public void close() {
        set(before);
    }
}
