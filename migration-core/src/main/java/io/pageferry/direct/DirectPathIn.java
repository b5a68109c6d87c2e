package io.pageferry.direct;

import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Mapping;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The way in by the direct path, on the calling thread. Long runs of a space that is in memory are read through a mapping, with no
 * system call; all else by descriptor, which needs no page-table entries and leaves holes alone.
 *
 * <p>A page that is given back in the space just when it is read through the mapping is allocated again there, as zeroes: it reads
 * as before, and costs its room until it is given back once more.
 */
public final class DirectPathIn implements PagePathIn {
    private static final int LONG_BYTES = 64 << 10;

    private final DirectClient client;
    private final Arena arena = Arena.ofShared();
    private final @Nullable MemorySegment space;

    /** Takes over a client; one that may read is enough. */
    public DirectPathIn(DirectClient client) {
        this.client = client;
        // Where a device may have to be read, the kernel reads ahead of a descriptor.
        this.space = FileCalls.isInMemory(client.file())
                ? Mapping.readOnly(client.file(), client.sizeBytes(), arena).segment()
                : null;
    }

    @Override
    public void read(long offset, MemorySegment into, Done done) {
        Throwable failure = null;
        try {
            if (space != null && into.byteSize() >= LONG_BYTES) copyMapped(space, offset, into);
            else copy(offset, into);
        } catch (DirectException | LinuxException | IllegalStateException failed) {
            failure = failed;
        }
        done.done(failure);
    }

    private static void copyMapped(MemorySegment space, long offset, MemorySegment into) {
        try {
            MemorySegment.copy(space, offset, into, 0, into.byteSize());
        } catch (InternalError fault) {
            // What the JVM makes of SIGBUS.
            throw new DirectException(DirectStatus.FAILED, "the space's file has become shorter");
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
        try {
            client.changed(visitor::range);
        } catch (DirectException failure) {
            throw DirectPathOut.failed("asking what changed", failure);
        }
    }

    @Override
    public boolean isImmediate() {
        return true;
    }

    @Override
    public void close() {
        client.close();
        arena.close();
    }
}
