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
 * code for later; so for that moment they give way.
 *
 * <p>Only for that moment, and only where this process may give them their weight back ({@code CAP_SYS_NICE}): on a busy host
 * compilers without weight would leave everything interpreted. Thread-safe.
 */
public final class Compilers {
    private static final Logger LOG = System.getLogger(Compilers.class.getName());

    /** As HotSpot names its threads, the first 15 characters of which the kernel knows. */
    private static final List<String> THREADS = List.of("C1 CompilerThre", "C2 CompilerThre");

    private static final int LAST = 19;
    private static final long GIVES_WAY_NS = TimeUnit.SECONDS.toNanos(1);

    private static final int ORDINARY = ThreadPriority.own();
    private static final boolean CAN_RESTORE = ThreadPriority.mayRaise();
    private static long untilNs;
    private static boolean givesWay;

    private Compilers() {}

    /** Lets the compilers of this process give way to everything else on this host, for the next second. */
    public static synchronized void giveWay() {
        if (!CAN_RESTORE) return;
        untilNs = System.nanoTime() + GIVES_WAY_NS;
        if (givesWay) return;
        givesWay = setAll(LAST);
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
        var _ = setAll(ORDINARY);
        givesWay = false;
        return true;
    }

    private static boolean setAll(int nice) {
        try {
            for (String name : THREADS) ThreadPriority.setNamed(name, nice);
            return true;
        } catch (LinuxException | UncheckedIOException failure) {
            LOG.log(Level.WARNING, "the compilers'' priority is not set: {0}", failure.getMessage());
            return false;
        }
    }
}
