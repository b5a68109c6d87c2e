package io.pageferry.path;

import io.pageferry.nbd.ExtentFlags;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.client.BlockStatus;
import io.pageferry.nbd.client.Extent;
import io.pageferry.nbd.client.NbdClient;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** The way in over NBD: reads are pipelined and received straight into memory; urgent ones have a connection of their own. */
public final class NbdPagePathIn implements PagePathIn {
    private static final long MAX_QUESTION_BYTES = 1L << 31;

    private final NbdClient client;

    /** Takes over a client that has agreed on {@link MetaContexts#WRITTEN_SINCE}. */
    public NbdPagePathIn(NbdClient client) {
        this.client = client;
    }

    @Override
    public void read(long offset, MemorySegment into, Done done) {
        long part = client.export().maxPayloadBytes();
        if (into.byteSize() <= part) {
            client.read(offset, into, done::done);
            return;
        }
        int parts = (int) ((into.byteSize() + part - 1) / part);
        AtomicInteger left = new AtomicInteger(parts);
        AtomicReference<Throwable> first = new AtomicReference<>();
        for (long at = 0; at < into.byteSize(); at += part) {
            client.read(offset + at, into.asSlice(at, Math.min(part, into.byteSize() - at)), failure -> {
                if (failure != null) first.compareAndSet(null, failure);
                if (left.decrementAndGet() == 0) done.done(first.get());
            });
        }
    }

    @Override
    public void readUrgent(long offset, MemorySegment into, Done done) {
        client.readUrgent(offset, into, done::done);
    }

    @Override
    public void changed(Changed visitor) {
        long end = client.export().sizeBytes();
        try {
            for (long at = 0; at < end; ) {
                long length = Math.min(MAX_QUESTION_BYTES, end - at);
                BlockStatus status = client.blockStatus(at, length, 0).join();
                for (Extent extent : status.extents(MetaContexts.WRITTEN_SINCE)) {
                    long extentEnd = Math.min(extent.end(), end);
                    boolean hole = extent.has(ExtentFlags.NOW_HOLE);
                    if (extent.has(ExtentFlags.CHANGED)) {
                        visitor.range(extent.offset(), extentEnd - extent.offset(), hole);
                    }
                    at = Math.max(at, extentEnd);
                }
            }
        } catch (CompletionException failed) {
            throw PagePaths.failed("asking what changed", failed.getCause() == null ? failed : failed.getCause());
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
