package io.pageferry.nbd.client;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Moves pages by index, neighbours in one request: pages that follow each other are gathered into a run, and the run is
 * sent when a page comes that does not continue it, or when it is as long as the server takes. For one thread.
 */
abstract class PageTransfer {
    private final int pageSizeBytes;
    private final long maxRunPages;
    private final PageMemory memory;
    private final PageListener listener;
    private final LongAdder requests = new LongAdder();
    private long runFirst;
    private long runCount;
    private Batch batch = new Batch();

    PageTransfer(NbdClient client, int pageSizeBytes, PageMemory memory, PageListener listener) {
        this.pageSizeBytes = pageSizeBytes;
        this.maxRunPages = client.export().maxPayloadBytes() / pageSizeBytes;
        this.memory = memory;
        this.listener = listener;
        if (maxRunPages == 0) {
            throw new IllegalArgumentException("the server takes no request of " + pageSizeBytes + " bytes");
        }
    }

    /** Sends the request of one run. */
    abstract void send(long offset, MemorySegment pages, NbdCompletion completion);

    /** Adds a page. May wait for room among the requests in flight. */
    public void page(long pageIndex) {
        pages(pageIndex, 1);
    }

    /** Adds a run of pages, of any length. May wait for room among the requests in flight. */
    public void pages(long firstPage, long pageCount) {
        if (runCount > 0 && firstPage != runFirst + runCount) {
            sendRun(runCount);
        }
        if (runCount == 0) {
            runFirst = firstPage;
        }
        runCount += pageCount;
        while (runCount >= maxRunPages) {
            sendRun(maxRunPages);
        }
    }

    /**
     * Sends what is gathered. The future completes on an event loop when every page added since the last call is over,
     * and fails with the first failure among them.
     */
    public CompletableFuture<@Nullable Void> finish() {
        if (runCount > 0) {
            sendRun(runCount);
        }
        Batch finishing = batch;
        batch = new Batch();
        finishing.over(null);
        return finishing.done;
    }

    /** How many requests the pages took so far. */
    public long requestCount() {
        return requests.sum();
    }

    private void sendRun(long pageCount) {
        long first = runFirst;
        Batch current = batch;
        runFirst += pageCount;
        runCount -= pageCount;
        MemorySegment pages = memory.ofRun(first, pageCount);
        current.begin();
        requests.increment();
        send(first * pageSizeBytes, pages, failure -> {
            try {
                listener.over(first, pageCount, pages, failure);
            } finally {
                current.over(failure);
            }
        });
    }

    /** What was added between two calls of {@link #finish}. */
    private static final class Batch {
        private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        private final AtomicReference<@Nullable NbdFailure> firstFailure = new AtomicReference<>();
        private long open = 1; // the one that finish() ends

        synchronized void begin() {
            open++;
        }

        void over(@Nullable NbdFailure failure) {
            if (failure != null) {
                firstFailure.compareAndSet(null, failure);
            }
            boolean last;
            synchronized (this) {
                last = --open == 0;
            }
            if (last) {
                NbdFailure first = firstFailure.get();
                if (first == null) {
                    done.complete(null);
                } else {
                    done.completeExceptionally(first);
                }
            }
        }
    }
}
