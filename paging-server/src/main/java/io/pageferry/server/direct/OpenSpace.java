package io.pageferry.server.direct;

import io.pageferry.direct.DirectException;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.RangeBatch;
import io.pageferry.linux.Descriptor;
import io.pageferry.server.pool.PagingSpace;

/** A space as one connection has it open: what its agent says about it, carried out. */
final class OpenSpace {
    private static final int PAGE_BYTES = PagingSpace.PAGE_BYTES;

    private final PagingSpace space;
    private final boolean writable;
    private final Runnable disconnect;
    private volatile boolean fenced;
    private long changesSeen;

    /** Takes over an acquired space. */
    OpenSpace(PagingSpace space, boolean writable, long since, Runnable disconnect) {
        this.space = space;
        this.writable = writable;
        this.changesSeen = since;
        this.disconnect = disconnect;
    }

    String name() {
        return space.name();
    }

    long sizeBytes() {
        return space.sizeBytes();
    }

    boolean isWritable() {
        return writable;
    }

    /** The descriptor to pass on: whoever only reads gets one that cannot write. */
    Descriptor file() {
        return space.openFile(writable);
    }

    /** Makes room for what will be stored. */
    void reserve(long offset, long length) {
        inside(() -> space.ensureAllocated(offset, length));
    }

    /**
     * Notes what was stored. Room is made for it here too: an agent that lies has zeroes where it claims to have written, and
     * nobody who reads them meets a full device.
     */
    void written(long offset, long length) {
        inside(() -> {
            space.ensureAllocated(offset, length);
            space.markWritten(offset, length);
        });
    }

    void discard(long offset, long length) {
        requireRight(); // where nothing is to be done, nobody asks again
        space.discard(offset, length, this::requireRight);
    }

    // Invariant: a connection's right is asked for inside the gate, so once a fence has drained it, nothing old is
    // noted.
    private void inside(Runnable step) {
        long ticket = space.enter();
        try {
            requireRight();
            step.run();
        } finally {
            space.leave(ticket);
        }
    }

    private void requireRight() {
        if (!writable) {
            throw new DirectException(DirectStatus.FENCED, "the space is open for reading: writing needs its lease");
        }
        if (fenced) throw new DirectException(DirectStatus.FENCED, "the space belongs to another holder now");
    }

    /**
     * Tells what changed since this was last called.
     *
     * <p>Invariant: the sample for the next question is taken before the scan of this one, so a change that this scan does
     * not see is told next time.
     */
    void changed(RangeBatch.Visitor visitor) {
        long since = changesSeen;
        changesSeen = space.directory().sequence();
        long pageCount = (sizeBytes() + PAGE_BYTES - 1) / PAGE_BYTES;
        space.directory().runsChangedSince(since, 0, pageCount, (first, count, isChanged, isWritten) -> {
            if (!isChanged) return;
            long offset = first * PAGE_BYTES;
            visitor.range(offset, Math.min(count * PAGE_BYTES, sizeBytes() - offset), !isWritten);
        });
    }

    void flush() {
        space.sync();
    }

    /** Takes the right to write; when this returns, nothing that was announced before is still being noted. */
    void fence() {
        fenced = true;
        space.drain();
    }

    void disconnect() {
        disconnect.run();
    }

    void close() {
        space.uses().release();
    }
}
