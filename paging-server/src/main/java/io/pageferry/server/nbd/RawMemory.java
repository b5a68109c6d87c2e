package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/** Copies between network buffers and a space's mapping, by address: no object a request. */
final class RawMemory {
    /** All memory; what is copied is bounded by who calls. */
    private static final MemorySegment ALL = everything();

    private RawMemory() {}

    @SuppressWarnings("restricted")
    private static MemorySegment everything() {
        // SAFETY: every copy below takes its addresses from a live buffer and a live mapping, and stays within both.
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /** Copies readable bytes of a buffer into a mapping, and moves the buffer's reader index. */
    static void store(ByteBuf from, MemorySegment space, long offset, int length) {
        if (from.hasMemoryAddress() && from.readableBytes() >= length && isInside(space, offset, length)) {
            long source = from.memoryAddress() + from.readerIndex();
            MemorySegment.copy(ALL, source, ALL, space.address() + offset, length);
            from.skipBytes(length);
        } else {
            from.readBytes(space.asSlice(offset, length).asByteBuffer());
        }
    }

    /** Appends bytes of a mapping to a buffer that has room for them. */
    static void load(MemorySegment space, long offset, ByteBuf to, int length) {
        if (to.hasMemoryAddress() && to.writableBytes() >= length && isInside(space, offset, length)) {
            long target = to.memoryAddress() + to.writerIndex();
            MemorySegment.copy(ALL, space.address() + offset, ALL, target, length);
            to.writerIndex(to.writerIndex() + length);
        } else {
            to.writeBytes(space.asSlice(offset, length).asByteBuffer());
        }
    }

    private static boolean isInside(MemorySegment space, long offset, long length) {
        return offset >= 0 && offset <= space.byteSize() - length;
    }
}
