package io.pageferry.migration;

import io.pageferry.heat.PageQueue;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps a few reads of runs of pages in flight, and hands on each as it arrives. For one thread at a time. */
final class FillPipeline {
    private static final int BUFFERS = 16;

    private record Fetched(
            PageRange run, MemorySegment buffer, @Nullable Throwable failure) {}

    /** Takes the content of a run. */
    @FunctionalInterface
    interface Taker {
        /** Returns false if no more is wanted. The content is the taker's until it returns. */
        boolean take(PageRange run, MemorySegment content);
    }

    private final PagePathIn path;
    private final Throttle throttle;
    private final int maxRunPages;
    private final BooleanSupplier stopped;
    private final BlockingQueue<Fetched> fetched = new ArrayBlockingQueue<>(BUFFERS);

    /**
     * Reads nothing yet.
     *
     * @param stopped asked between any two steps: once true, what is in flight ends and nothing new begins
     */
    FillPipeline(PagePathIn path, Throttle throttle, int maxRunPages, BooleanSupplier stopped) {
        this.path = path;
        this.throttle = throttle;
        this.maxRunPages = maxRunPages;
        this.stopped = stopped;
    }

    /**
     * Reads until the queue is empty; returns false if it was stopped or the taker wants no more.
     *
     * <p>Invariant: this waits for a read only while one is in flight, and returns only when none is: buffers outlive their
     * reads, and a stop at any moment ends it.
     *
     * @param next takes the next run, of at most the pipeline's pages, from a queue that is not empty
     * @throws MigrationFailedException if a read failed
     */
    boolean pump(PageQueue queue, Function<PageQueue, PageRange> next, Taker taker) throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            Deque<MemorySegment> free = buffers(arena);
            try {
                return pump(queue, next, taker, free);
            } finally {
                awaitAll(free);
            }
        }
    }

    private boolean pump(PageQueue queue, Function<PageQueue, PageRange> next, Taker taker, Deque<MemorySegment> free)
            throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            boolean isIdle = free.size() == BUFFERS;
            if (queue.isEmpty() && isIdle) return true;
            boolean isTurn = !queue.isEmpty() && !free.isEmpty() && throttle.isTurn();
            if (isTurn) {
                fetch(next.apply(queue), free.remove());
            } else if (!isIdle) {
                Fetched one = fetched.take();
                free.add(one.buffer);
                if (!handOn(one, taker)) return false;
            }
        }
        return false;
    }

    /** What is in flight when filling ends is dropped, and fetched another time. */
    @SuppressWarnings("Interruption") // whoever interrupts gets the thread back once no read writes to the buffers
    private void awaitAll(Deque<MemorySegment> free) {
        boolean interrupted = false;
        while (free.size() < BUFFERS) {
            try {
                free.add(fetched.take().buffer);
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private Deque<MemorySegment> buffers(Arena arena) {
        long runBytes = (long) maxRunPages * SpaceLayout.PAGE_BYTES;
        MemorySegment all = Mapping.anonymous(BUFFERS * runBytes, arena).segment();
        return all.elements(MemoryLayout.sequenceLayout(runBytes, ValueLayout.JAVA_BYTE))
                .collect(Collectors.toCollection(ArrayDeque::new));
    }

    private void fetch(PageRange run, MemorySegment buffer) {
        MemorySegment into = buffer.asSlice(0, run.pageCount() * SpaceLayout.PAGE_BYTES);
        throttle.took(into.byteSize());
        PagePathIn.Done done = failure -> fetched.add(new Fetched(run, buffer, failure));
        try {
            path.read(run.firstPage() * SpaceLayout.PAGE_BYTES, into, done);
        } catch (RuntimeException | InternalError refused) {
            // The latter is what the JVM makes of a fault in mapped memory.
            done.done(refused);
        }
    }

    private static boolean handOn(Fetched one, Taker taker) {
        if (one.failure != null) {
            throw new MigrationFailedException("page-in failed: " + one.failure.getMessage(), one.failure);
        }
        return taker.take(one.run, one.buffer.asSlice(0, one.run.pageCount() * SpaceLayout.PAGE_BYTES));
    }
}
