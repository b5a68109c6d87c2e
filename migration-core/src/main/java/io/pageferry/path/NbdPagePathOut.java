package io.pageferry.path;

import io.pageferry.nbd.client.NbdClient;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The way out over NBD: writes are pipelined, straight from partition memory to the socket. */
public final class NbdPagePathOut implements PagePathOut {
    private static final long MAX_TRIM_BYTES = 1L << 30;

    private final NbdClient client;
    private final Object lock = new Object();
    private long inFlight;
    private @Nullable Throwable failure;

    /** Takes over a client whose export is writable. */
    public NbdPagePathOut(NbdClient client) {
        this.client = client;
    }

    @Override
    public void write(long offset, MemorySegment from) {
        long part = client.export().maxPayloadBytes();
        for (long at = 0; at < from.byteSize(); at += part) {
            begin();
            client.write(offset + at, from.asSlice(at, Math.min(part, from.byteSize() - at)), 0, this::ended);
        }
    }

    @Override
    public void discard(long offset, long length) {
        for (long at = 0; at < length; at += MAX_TRIM_BYTES) {
            begin();
            var _ = client.trim(offset + at, Math.min(MAX_TRIM_BYTES, length - at), 0)
                    .whenComplete((done, failed) -> ended(failed));
        }
    }

    @Override
    public void await() {
        synchronized (lock) {
            try {
                while (inFlight > 0) lock.wait();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new PagePathException("interrupted while pages were going out", false, interrupted);
            }
            throwFailure();
        }
    }

    @Override
    public void flush() {
        await();
        try {
            client.flush().join();
        } catch (CompletionException failed) {
            throw PagePaths.failed("flush", failed.getCause() == null ? failed : failed.getCause());
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private void begin() {
        synchronized (lock) {
            throwFailure();
            inFlight++;
        }
    }

    private void ended(@Nullable Throwable failed) {
        synchronized (lock) {
            inFlight--;
            if (failed != null && failure == null) failure = failed;
            if (inFlight == 0 || failure != null) lock.notifyAll();
        }
    }

    private void throwFailure() {
        if (failure != null) throw PagePaths.failed("page-out", failure);
    }
}
