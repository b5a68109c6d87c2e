package io.pageferry.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The weight that the kernel gives to single threads of this process, as nice values from -20 (most) to 19 (least);
 * {@code setpriority(2)}. Raising a nice value needs no privilege, lowering it does. A new thread has its creator's.
 */
public final class ThreadPriority {
    /** {@code PRIO_PROCESS} of {@code linux/resource.h}; for the kernel a thread is a process here. */
    private static final int PRIO_PROCESS = 0;

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

    /** Sets the calling thread's nice value. */
    public static void setOwn(int nice) {
        set((int) Kernel.require(SystemCall.GETTID, 0, 0, 0), nice);
    }

    /**
     * Sets the nice value of all threads of this process whose name, of which the kernel keeps 15 characters, begins so.
     *
     * @return how many there are
     */
    public static int setNamed(String prefix, int nice) {
        int count = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                if (!name(thread).startsWith(prefix)) continue;
                set(Integer.parseInt(String.valueOf(thread.getFileName())), nice);
                count++;
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return count;
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

    private static void set(int threadId, int nice) {
        Kernel.require(SystemCall.SETPRIORITY, PRIO_PROCESS, threadId, nice);
    }
}
