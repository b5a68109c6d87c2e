package io.pageferry.direct;

import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.MemorySegment;

/**
 * The way in by the direct path: the kernel copies from the space's file straight to where the page belongs, on the calling
 * thread. By descriptor and not through a mapping: that needs no page-table entries, leaves holes alone, and meets no SIGBUS.
 */
public final class DirectPathIn implements PagePathIn {
    private final DirectClient client;

    /** Takes over a client; one that may read is enough. */
    public DirectPathIn(DirectClient client) {
        this.client = client;
    }

    @Override
    public void read(long offset, MemorySegment into, Done done) {
        Throwable failure = null;
        try {
            copy(offset, into);
        } catch (DirectException | LinuxException | IllegalStateException failed) {
            failure = failed;
        }
        done.done(failure);
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
    }
}
