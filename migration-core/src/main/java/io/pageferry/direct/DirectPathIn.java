package io.pageferry.direct;

import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Mapping;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The way in by the direct path, on the calling thread. Long runs without a hole of a space that is in memory are copied through a
 * mapping; all else by descriptor, which needs no page-table entries and leaves holes alone.
 *
 * <p>A page that is given back in the space between the look for holes and the copy is allocated again there, as zeroes: it reads as
 * before, and costs its room until the space is deleted.
 */
public final class DirectPathIn implements PagePathIn {
    private static final int LONG_BYTES = 64 << 10;
    private static final long NONE = -1;

    private final DirectClient client;
    private final SpaceMappings.@Nullable Loan loan;
    private final @Nullable MemorySegment space;
    /** The begin of the huge page that was last looked at, since the server was last asked what changed; one more if it has no hole. */
    private volatile long lookedAt = NONE;

    /** Takes over a client; one that may read is enough. Its mapping is one of those that are kept. */
    public DirectPathIn(DirectClient client, SpaceMappings mappings) {
        this.client = client;
        // Where a device may have to be read, the kernel reads ahead of a descriptor.
        this.loan =
                FileCalls.isInMemory(client.file()) ? mappings.take(client.file(), client.sizeBytes(), false) : null;
        this.space = loan == null ? null : loan.mapping().segment();
    }

    @Override
    public void read(long offset, MemorySegment into, Done done) {
        Throwable failure = null;
        try {
            if (space == null || !isLongAndWhole(offset, into.byteSize()) || !copyMapped(space, offset, into))
                copy(offset, into);
        } catch (DirectException | LinuxException | IllegalStateException failed) {
            failure = failed;
        }
        done.done(failure);
    }

    private boolean isLongAndWhole(long offset, long length) {
        if (length < LONG_BYTES) return false;
        long start = offset & -Mapping.HUGE_BYTES;
        boolean isWithin = offset + length <= start + Mapping.HUGE_BYTES;
        if (isWithin && (lookedAt & -Mapping.HUGE_BYTES) != start) look(start);
        return (isWithin && lookedAt == start + 1) || isWhole(offset, length);
    }

    private void look(long start) {
        long length = Math.min(Mapping.HUGE_BYTES, client.sizeBytes() - start);
        lookedAt = isWhole(start, length) ? start + 1 : start;
    }

    private boolean isWhole(long offset, long length) {
        return FileCalls.cachedPages(client.file(), offset, length)
                == (length + DirectLimits.PAGE_BYTES - 1) / DirectLimits.PAGE_BYTES;
    }

    private static boolean copyMapped(MemorySegment space, long offset, MemorySegment into) {
        try {
            MemorySegment.copy(space, offset, into, 0, into.byteSize());
            return true;
        } catch (InternalError fault) {
            // What the JVM makes of SIGBUS: by descriptor the kernel says why.
            return false;
        }
    }

    private void copy(long offset, MemorySegment into) {
        for (long at = 0; at < into.byteSize(); ) {
            long count = FileCalls.readAt(client.file(), into.asSlice(at), offset + at);
            if (count == 0) throw new DirectException(DirectStatus.FAILED, "the space's file has become shorter");
            at += count;
        }
    }

    @Override
    public void readUrgent(long offset, MemorySegment into, Done done) {
        read(offset, into, done);
    }

    @Override
    public void changed(Changed visitor) {
        lookedAt = NONE;
        try {
            client.changed(visitor::range);
        } catch (DirectException failure) {
            throw DirectPathOut.failed("asking what changed", failure);
        }
        lookedAt = NONE;
    }

    @Override
    public boolean isImmediate() {
        return true;
    }

    @Override
    public void close() {
        client.close();
        if (loan != null) loan.close();
    }
}
