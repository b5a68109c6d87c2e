package io.pageferry.process;

import io.pageferry.linux.LinuxException;
import io.pageferry.linux.ThreadPriority;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The JVM's just-in-time compilers. While a program stands still on its way, half of two busy processors went to compiling
 * code for later; so for that moment they run only where nothing else wants to.
 *
 * <p>Only for that moment, and only where this process may give them their weight back ({@code CAP_SYS_NICE}): on a busy host
 * compilers without weight would leave everything interpreted. Thread-safe.
 */
public final class Compilers {
    private static final Logger LOG = System.getLogger(Compilers.class.getName());

    /** As HotSpot names its threads, the first 15 characters of which the kernel knows. */
    private static final List<String> THREADS = List.of("C1 CompilerThre", "C2 CompilerThre");

    private static final long GIVES_WAY_NS = TimeUnit.SECONDS.toNanos(1);

    private static final boolean CAN_RESTORE = ThreadPriority.mayRaise();
    /** All of them are there from the start (-XX:-UseDynamicNumberOfCompilerThreads), and stay. */
    private static final List<Integer> THREAD_IDS = threadIds();

    private static long untilNs;
    private static boolean givesWay;

    private Compilers() {}

    /** Does once what {@link #giveWay} does later, when there is no time for what is done for the first time; changes nothing. */
    public static synchronized void prepare() {
        if (CAN_RESTORE && !givesWay) {
            var _ = setIdle(false);
        }
    }

    /** Lets the compilers of this process give way to everything else on this host, for the next second. */
    public static synchronized void giveWay() {
        if (!CAN_RESTORE) return;
        untilNs = System.nanoTime() + GIVES_WAY_NS;
        if (givesWay) return;
        givesWay = setIdle(true);
        if (givesWay) Thread.ofPlatform().name("compilers-go-on").daemon().start(Compilers::restoreInTime);
    }

    /** Whether they give way now. */
    static synchronized boolean doGiveWay() {
        return givesWay;
    }

    private static void restoreInTime() {
        while (!restore()) LockSupport.parkNanos(GIVES_WAY_NS / 4);
    }

    private static synchronized boolean restore() {
        if (System.nanoTime() - untilNs < 0) return false;
        var _ = setIdle(false);
        givesWay = false;
        return true;
    }

    private static boolean setIdle(boolean idle) {
        try {
            for (int thread : THREAD_IDS) ThreadPriority.setIdle(thread, idle);
            return true;
        } catch (LinuxException failure) {
            LOG.log(Level.WARNING, "the compilers'' priority is not set: {0}", failure.getMessage());
            return false;
        }
    }

    private static List<Integer> threadIds() {
        try {
            return THREADS.stream()
                    .flatMap(name -> ThreadPriority.named(name).stream())
                    .toList();
        } catch (UncheckedIOException failure) {
            LOG.log(Level.WARNING, "the compilers'' threads are not known: {0}", failure.getMessage());
            return List.of();
        }
    }
}
