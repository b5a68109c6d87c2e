package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A buffer of page-fault reports: {@code struct uffd_msg} of {@code linux/userfaultfd.h}. Not for several threads. */
public final class FaultEvents {
    private static final long MESSAGE = 32;
    private static final long FLAGS = 8;
    private static final long ADDRESS = 16;
    private static final long THREAD = 24;
    private static final byte UFFD_EVENT_PAGEFAULT = 0x12;
    private static final long UFFD_PAGEFAULT_FLAG_WRITE = 1;

    private final MemorySegment buffer;

    /** A buffer for up to {@code capacity} reports a read. */
    public FaultEvents(int capacity) {
        this.buffer = Arena.ofAuto().allocate(capacity * MESSAGE, 8);
    }

    MemorySegment buffer() {
        return buffer;
    }

    int filled(long sizeBytes) {
        return Math.toIntExact(sizeBytes / MESSAGE);
    }

    /** Whether the report is a page fault (others are not asked for, and would be ignored). */
    public boolean isPageFault(int index) {
        return buffer.get(ValueLayout.JAVA_BYTE, index * MESSAGE) == UFFD_EVENT_PAGEFAULT;
    }

    /** The address that was touched, rounded down to its page by the kernel. */
    public long address(int index) {
        return buffer.get(ValueLayout.JAVA_LONG, index * MESSAGE + ADDRESS);
    }

    public boolean isWrite(int index) {
        return (buffer.get(ValueLayout.JAVA_LONG, index * MESSAGE + FLAGS) & UFFD_PAGEFAULT_FLAG_WRITE) != 0;
    }

    /** The waiting thread's id, in the PID namespace of the reader. */
    public int threadId(int index) {
        return buffer.get(ValueLayout.JAVA_INT, index * MESSAGE + THREAD);
    }
}
