package io.pageferry.systemtests.moves;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Breaks connections of another process while that stands still, so that nothing gets past the break. */
final class StoppedProcess {
    private static final int SYS_PIDFD_OPEN = 434; // asm-generic/unistd.h
    private static final int SYS_PIDFD_GETFD = 438;
    private static final int SIGCONT = 18; // asm-generic/signal.h
    private static final int SIGSTOP = 19;
    private static final int SHUT_RDWR = 2; // linux/net.h
    private static final String CONNECTED = "03"; // /proc/net/unix

    private static final MethodHandle SYSCALL = function("syscall", ValueLayout.JAVA_LONG, 4);
    private static final MethodHandle SHUTDOWN = function("shutdown", ValueLayout.JAVA_INT, 2);
    private static final MethodHandle KILL = function("kill", ValueLayout.JAVA_INT, 2);
    private static final MethodHandle CLOSE = function("close", ValueLayout.JAVA_INT, 1);

    private StoppedProcess() {}

    @SuppressWarnings("restricted") // the test calls what it knows the signature of
    private static MethodHandle function(String name, ValueLayout result, int arguments) {
        Linker linker = Linker.nativeLinker();
        ValueLayout[] parameters = new ValueLayout[arguments];
        Arrays.fill(parameters, result);
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
    }

    /** Shuts down the server's ends of all connections to a Unix socket; returns how many there were. */
    static int cutConnections(long pid, Path socket) throws Exception {
        call(KILL, (int) pid, SIGSTOP);
        try {
            long process = system(SYS_PIDFD_OPEN, pid, 0, 0);
            List<Integer> descriptors = descriptors(pid, inodes(socket));
            for (int descriptor : descriptors) {
                int copy = (int) system(SYS_PIDFD_GETFD, process, descriptor, 0);
                call(SHUTDOWN, copy, SHUT_RDWR);
                call(CLOSE, copy);
            }
            call(CLOSE, (int) process);
            return descriptors.size();
        } finally {
            call(KILL, (int) pid, SIGCONT);
        }
    }

    private static Set<String> inodes(Path socket) throws IOException {
        Set<String> inodes = new HashSet<>();
        for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
            String[] fields = line.trim().split("\\s+", -1);
            if (fields.length == 8 && fields[5].equals(CONNECTED) && fields[7].equals(socket.toString())) {
                inodes.add("socket:[" + fields[6] + "]");
            }
        }
        return inodes;
    }

    private static List<Integer> descriptors(long pid, Set<String> inodes) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return all.filter(descriptor -> inodes.contains(target(descriptor)))
                    .map(descriptor -> Integer.parseInt(descriptor.getFileName().toString()))
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private static long system(long number, long first, long second, long third) throws Exception {
        try {
            long result = (long) SYSCALL.invokeExact(number, first, second, third);
            if (result < 0) throw new IOException("system call " + number + " failed");
            return result;
        } catch (Exception failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void call(MethodHandle function, Object... arguments) throws Exception {
        try {
            int result = (int) function.invokeWithArguments(arguments);
            if (result < 0) throw new IOException("a call failed");
        } catch (Exception failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
