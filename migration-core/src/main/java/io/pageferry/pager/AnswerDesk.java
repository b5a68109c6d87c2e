package io.pageferry.pager;

import io.pageferry.page.PageRange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Requests pages from the source and puts its answers where the faults are, on the thread that brings them. Failures are
 * tried again after a delay, on a thread of their own.
 */
final class AnswerDesk implements PageAnswers {
    private static final Logger LOG = System.getLogger(AnswerDesk.class.getName());
    private static final Executor RETRY_THREADS =
            task -> Thread.ofPlatform().daemon().name("pageferry-fetch-again").start(task);

    private final PageSource source;
    private final RetryPolicy retry;
    private final FaultListener listener;
    private final InFlightPages inFlight;
    private final UserfaultFiller filler;
    private final long pageCount;
    private int filling;
    private boolean closed;

    AnswerDesk(
            PageSource source,
            RetryPolicy retry,
            FaultListener listener,
            InFlightPages inFlight,
            UserfaultFiller filler,
            long pageCount) {
        this.source = source;
        this.retry = retry;
        this.listener = listener;
        this.inFlight = inFlight;
        this.filler = filler;
        this.pageCount = pageCount;
    }

    void request(PageRange pages) {
        try {
            source.request(pages, this);
        } catch (RuntimeException cause) {
            failed(pages, cause);
        }
    }

    void requestStuck() {
        inFlight.requestStuck().forEach(this::request);
    }

    @Override
    public void content(PageRange pages, MemorySegment content) {
        PageContent.require(pages, content, pageCount);
        answer(pages, run -> filler.fill(run, PageContent.part(pages, content, run)));
    }

    @Override
    public void zeroes(PageRange pages) {
        PageContent.requireWithin(pages, pageCount);
        answer(pages, filler::fillZeroes);
    }

    private void answer(PageRange pages, Predicate<PageRange> fill) {
        if (!beginFilling()) return;
        try {
            for (PageRange run : inFlight.claim(pages)) fillClaimed(run, fill);
        } finally {
            endFilling();
        }
    }

    private void fillClaimed(PageRange run, Predicate<PageRange> fill) {
        try {
            if (!fill.test(run)) programGone();
        } catch (RuntimeException cause) {
            inFlight.unclaim(run);
            failed(run, cause);
        }
    }

    @Override
    public void failed(PageRange pages, Throwable cause) {
        PageContent.requireWithin(pages, pageCount);
        if (isClosed()) return;
        List<PageRange> stuck = inFlight.stuck(pages, retry.maxRequests());
        Map<Integer, List<PageRange>> again = inFlight.failed(pages, retry.maxRequests());
        again.forEach((failures, runs) -> {
            LOG.log(Level.DEBUG, () -> "pages " + runs + " failed " + failures + " times: " + cause);
            requestLater(runs, retry.delayMs(failures));
        });
        stuck.forEach(run -> listener.stuck(run, cause));
    }

    private void requestLater(List<PageRange> runs, long delayMs) {
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS, RETRY_THREADS)
                .execute(() -> {
                    if (isClosed()) return;
                    for (PageRange run : runs) inFlight.requestAgain(run).forEach(this::request);
                });
    }

    private void programGone() {
        synchronized (this) {
            if (closed) return;
            closed = true;
        }
        listener.programGone();
    }

    private synchronized boolean beginFilling() {
        if (closed) return false;
        filling++;
        return true;
    }

    private synchronized void endFilling() {
        filling--;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Takes no more answers; returns when no call of the kernel is under way, so that the userfaultfd may be closed. */
    synchronized void close() {
        closed = true;
        boolean interrupted = false;
        while (filling > 0) {
            try {
                wait();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
