package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Holds a page of a file in a pipe: the page itself and no copy of it ({@code splice(2)}). */
@SuppressWarnings("restricted") // two calls of the C library
final class PageInPipe implements AutoCloseable {
    private static final long PAGE = 4096;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle PIPE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("pipe"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MethodHandle SPLICE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("splice"),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT));

    private final Descriptor out;
    private final Descriptor in;
    private final long sizeBytes;

    private PageInPipe(Descriptor out, Descriptor in, long sizeBytes) {
        this.out = out;
        this.in = in;
        this.sizeBytes = sizeBytes;
    }

    static PageInPipe hold(Descriptor file, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(8, 4);
            if ((int) PIPE.invokeExact(ends) != 0) throw new IllegalStateException("no pipe");
            Descriptor out = Descriptor.owning(ends.get(ValueLayout.JAVA_INT, 0));
            Descriptor in = Descriptor.owning(ends.get(ValueLayout.JAVA_INT, 4));
            MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_LONG, offset);
            long spliced = (long) SPLICE.invokeExact(file.number(), from, in.number(), MemorySegment.NULL, PAGE, 0);
            return new PageInPipe(out, in, spliced);
        } catch (Throwable failure) {
            throw new IllegalStateException("splice failed", failure);
        }
    }

    /** How much it holds. */
    long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void close() {
        in.close();
        out.close();
    }
}
