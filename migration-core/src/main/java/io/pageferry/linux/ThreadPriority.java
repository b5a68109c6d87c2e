package io.pageferry.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The weight that the kernel gives to single threads of this process, as nice values from -20 (most) to 19 (least);
 * {@code setpriority(2)}. Raising a nice value needs no privilege, lowering it does. A new thread has its creator's.
 */
public final class ThreadPriority {
    /** {@code PRIO_PROCESS} of {@code linux/resource.h}; for the kernel a thread is a process here. */
    private static final int PRIO_PROCESS = 0;

    private static final int SCHED_OTHER = 0; // linux/sched.h
    private static final int SCHED_IDLE = 5;

    private static final Path THREADS = Path.of("/proc/self/task");

    private static final class Right {
        static final boolean MAY_RAISE = askWhetherMayRaise();
    }

    private ThreadPriority() {}

    /** The calling thread's nice value. */
    public static int own() {
        // The kernel answers 20 less the nice value, so that no answer is negative.
        return 20 - (int) Kernel.require(SystemCall.GETPRIORITY, PRIO_PROCESS, 0, 0);
    }

    /** The nice value that this process was started with: that of its first thread, in which no Java code runs. */
    public static int ofProcess() {
        int first = Math.toIntExact(ProcessHandle.current().pid());
        return 20 - (int) Kernel.require(SystemCall.GETPRIORITY, PRIO_PROCESS, first, 0);
    }

    /** Sets the calling thread's nice value. */
    public static void setOwn(int nice) {
        set((int) Kernel.require(SystemCall.GETTID, 0, 0, 0), nice);
    }

    /**
     * Lets a thread of this process run only when nothing else wants its processor ({@code SCHED_IDLE}), or as any other again. An
     * idle thread makes room at once for one that wakes up, where one of little weight ends its slice first.
     */
    public static void setIdle(int threadId, boolean idle) {
        try (Arena arena = Arena.ofConfined()) {
            // struct sched_param: the priority, which is 0 for both.
            long none = arena.allocateFrom(ValueLayout.JAVA_INT, 0).address();
            Kernel.require(SystemCall.SCHED_SETSCHEDULER, threadId, idle ? SCHED_IDLE : SCHED_OTHER, none);
        }
    }

    /** The ids of the threads of this process whose name, of which the kernel keeps 15 characters, begins so. */
    public static List<Integer> named(String prefix) {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                if (name(thread).startsWith(prefix)) found.add(Integer.parseInt(String.valueOf(thread.getFileName())));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return found;
    }

    /** Whether this process may give a thread back the weight that it has taken from it. */
    public static boolean mayRaise() {
        return Right.MAY_RAISE;
    }

    private static boolean askWhetherMayRaise() {
        // Asked of a thread that ends at once, so that nothing is changed if the answer is no.
        boolean[] may = new boolean[1];
        int ordinary = own();
        Thread probe = Thread.ofPlatform().name("priority-probe").start(() -> may[0] = mayRaiseOwn(ordinary));
        try {
            probe.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return may[0];
    }

    private static boolean mayRaiseOwn(int ordinary) {
        try {
            setOwn(Math.min(ordinary + 1, 19));
            setOwn(ordinary);
            return true;
        } catch (LinuxException refused) {
            return false;
        }
    }

    private static String name(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (NoSuchFileException ended) {
            return "";
        }
    }

    /** Sets the nice value of a thread of this process; one that has ended is left alone. */
    public static void set(int threadId, int nice) {
        long result = Kernel.call(SystemCall.SETPRIORITY, PRIO_PROCESS, threadId, nice);
        if (result < 0 && result != -Errno.ESRCH) {
            throw LinuxException.of(SystemCall.SETPRIORITY, result, PRIO_PROCESS, threadId, nice);
        }
    }
}
