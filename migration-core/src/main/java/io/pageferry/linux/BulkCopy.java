package io.pageferry.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@code memcpy(3)} of the C library. Unlike the JVM's own copy it can store past the cache, which does not read from memory what is
 * about to be overwritten: glibc does so from a size on that is the cache's by default, and that its tunable
 * {@code glibc.cpu.x86_non_temporal_threshold} sets.
 *
 * <p>A page of either side that cannot be had (a file that was cut under its mapping, a device that fails) ends the process with
 * SIGBUS, where the JVM's copy would throw.
 */
public final class BulkCopy {
    private static final MethodHandle MEMCPY = bind();

    private BulkCopy() {}

    @SuppressWarnings("restricted")
    private static MethodHandle bind() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("memcpy"),
                FunctionDescriptor.of(
                        ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    }

    /**
     * Copies all of one native segment to the begin of another, which it must not overlap.
     *
     * @throws IndexOutOfBoundsException if there is no room for it
     * @throws IllegalStateException if the arena of one of them is closed
     */
    public static void copy(MemorySegment from, MemorySegment to) {
        MemorySegment room = to.asSlice(0, from.byteSize());
        if (room.isReadOnly()) throw new IllegalArgumentException("the target of a copy is read-only");
        try {
            var _ = (MemorySegment) MEMCPY.invokeExact(room, from, from.byteSize());
        } catch (RuntimeException unusable) {
            throw unusable;
        } catch (Throwable thrown) {
            throw new AssertionError("memcpy(3) cannot throw", thrown);
        }
    }
}
