package io.pageferry.pager;

import io.pageferry.linux.FaultEvents;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Readiness;
import io.pageferry.page.PageRange;
import io.pageferry.process.Threads;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;

/**
 * Serves a program's missing-page faults: reads their reports, asks a {@link PageSource} for the pages, and puts the answers
 * in place. Runs in another process than the program, on a thread of its own.
 *
 * <p>Invariant: a thread that waits for a page goes on only when the page holds the source's content. Where there is none, or
 * this server ends, the thread waits: until an answer, or another server ({@code kill -9} included) comes. The range stays
 * registered for that reason; unregistering it would let waiting threads read zeroes.
 */
public final class FaultServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FaultServer.class.getName());
    private static final int BATCH = 64;

    private final ServedMapping mapping;
    private final InFlightPages inFlight = new InFlightPages();
    private final UserfaultFiller filler;
    private final AnswerDesk desk;
    private final Readiness readiness;
    private final FaultEvents events = new FaultEvents(BATCH);
    private final long[] batch = new long[BATCH];
    private final AdaptiveSpin spin;
    private final Thread thread;
    private volatile boolean running = true;

    private FaultServer(
            ServedMapping mapping,
            ResidentPages resident,
            PageSource source,
            RetryPolicy retry,
            FaultWait wait,
            FaultListener listener) {
        this.spin = new AdaptiveSpin(wait);
        this.mapping = mapping;
        this.filler = new UserfaultFiller(
                mapping, resident, (first, count) -> inFlight.resolved(first, count, System.nanoTime()));
        this.desk = new AnswerDesk(source, retry, listener, inFlight, filler, mapping.pageCount());
        this.readiness = new Readiness(mapping.userfaultfd().descriptor());
        this.thread = Thread.ofPlatform().daemon().name("pageferry-faults").unstarted(this::serve);
    }

    /**
     * Starts to serve a mapping, which is registered for missing pages already.
     *
     * @param resident is kept up to date with what is filled
     */
    public static FaultServer start(
            ServedMapping mapping,
            ResidentPages resident,
            PageSource source,
            RetryPolicy retry,
            FaultWait wait,
            FaultListener listener) {
        mapping.userfaultfd().descriptor().setNonBlocking();
        FaultServer server = new FaultServer(mapping, resident, source, retry, wait, listener);
        server.thread.start();
        // What a server before this one had read and not served is reported to nobody again: let its threads fault
        // anew.
        mapping.wakeAll();
        return server;
    }

    /** Fills missing pages of the same mapping in the background; faults that wait for them are resolved by it. */
    public PageFiller filler() {
        return filler;
    }

    /** Asks again for the pages that were reported as stuck. */
    public void retryStuck() {
        desk.requestStuck();
    }

    public FaultStats stats() {
        return inFlight.stats(filler);
    }

    private void serve() {
        try {
            while (running && !desk.isClosed()) {
                int count = mapping.userfaultfd().readEvents(events);
                if (count > 0) {
                    serve(count);
                } else if (spin.goesOn(System.nanoTime())) {
                    Thread.onSpinWait();
                } else if (!readiness.await()) {
                    return;
                }
            }
        } catch (LinuxException failure) {
            LOG.log(Level.ERROR, "no more faults are served, and the program's threads wait", failure);
        }
    }

    private void serve(int count) {
        long nowNs = System.nanoTime();
        spin.onFaults(nowNs);
        int fresh = 0;
        for (int i = 0; i < count; i++) {
            long pageIndex = events.isPageFault(i) ? mapping.pageIndex(events.address(i)) : -1;
            if (pageIndex < 0) {
                LOG.log(Level.WARNING, "a fault at 0x{0} is not in this mapping", Long.toHexString(events.address(i)));
            } else if (inFlight.join(pageIndex, events.threadId(i), nowNs)) {
                batch[fresh++] = pageIndex;
            }
        }
        requestRuns(fresh);
        spin.onServed(System.nanoTime());
    }

    /** Requests the first pages of the batch, neighbours together. */
    private void requestRuns(int count) {
        Arrays.sort(batch, 0, count);
        for (int first = 0; first < count; ) {
            int next = first + 1;
            while (next < count && batch[next] == batch[next - 1] + 1) next++;
            desk.request(PageRange.between(batch[first], batch[next - 1] + 1));
            first = next;
        }
    }

    /**
     * Ends the service; returns when the userfaultfd is used no more. Threads on missing pages wait for the next server. Not
     * from within an answer.
     */
    @Override
    public void close() {
        running = false;
        readiness.end();
        Threads.awaitEnd(thread);
        desk.close();
        readiness.close();
    }
}
