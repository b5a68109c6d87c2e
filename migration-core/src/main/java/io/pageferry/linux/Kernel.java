package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one binding to the kernel: {@code syscall(2)} of the C library, with errno captured in the same transition.
 *
 * <p>Every call is bound as one that may block, so a thread inside it never holds up a garbage collection.
 */
final class Kernel {
    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = bindSyscall();

    // One a thread: a shared one would be overwritten by another thread's call before it is read.
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

    private Kernel() {}

    @SuppressWarnings("restricted")
    private static MethodHandle bindSyscall() {
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    /** Makes the call; returns what the kernel returned: a result of zero or more, or a negative errno. */
    static long call(SystemCall call, long a, long b, long c, long d, long e, long f) {
        MemorySegment state = STATE.get();
        try {
            long result = (long) SYSCALL.invokeExact(state, (long) call.number(), a, b, c, d, e, f);
            return result == -1 ? -(long) state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET) : result;
        } catch (Throwable thrown) {
            throw new AssertionError("syscall(2) cannot throw", thrown);
        }
    }

    static long call(SystemCall call, long a, long b, long c) {
        return call(call, a, b, c, 0, 0, 0);
    }

    /** Makes the call and throws unless it succeeded; an interrupted call is made again. */
    static long require(SystemCall call, long a, long b, long c, long d, long e, long f) {
        while (true) {
            long result = call(call, a, b, c, d, e, f);
            if (result >= 0) return result;
            if (result != -Errno.EINTR) throw LinuxException.of(call, result, a, b, c, d, e, f);
        }
    }

    static long require(SystemCall call, long a, long b, long c) {
        return require(call, a, b, c, 0, 0, 0);
    }
}
