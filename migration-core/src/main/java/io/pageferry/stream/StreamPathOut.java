package io.pageferry.stream;

import io.pageferry.path.PagePathException;
import io.pageferry.path.PagePathOut;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The way out to another agent: each run of pages goes by one of the streams in turn. With one stream the calling thread sends;
 * with more, each has a thread of its own.
 */
public final class StreamPathOut implements PagePathOut {
    /** Runs that may wait for a stream's thread, so that a slow stream holds the source up and not the heap. */
    private static final int MAX_WAITING = 16;

    private final List<StreamLane> lanes;
    private final List<ExecutorService> threads = new ArrayList<>();
    private final Semaphore room = new Semaphore(MAX_WAITING);
    private volatile @Nullable Throwable failure;
    private int next;

    private StreamPathOut(List<StreamLane> lanes) {
        this.lanes = lanes;
        for (int i = 0; lanes.size() > 1 && i < lanes.size(); i++) {
            threads.add(Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("stream-" + i).daemon().factory()));
        }
    }

    /** Connects to the target's agent. @throws StreamException if it cannot */
    public static StreamPathOut connect(InetSocketAddress address, String migration, String token, int streams) {
        List<StreamLane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < streams; i++) {
                lanes.add(StreamLane.connect(address, new StreamHello(migration, token, i, streams)));
            }
            return new StreamPathOut(lanes);
        } catch (IOException unreachable) {
            lanes.forEach(StreamLane::close);
            throw new StreamException(
                    "cannot reach the target's agent at " + address + ": " + unreachable.getMessage(), unreachable);
        }
    }

    private interface Step {
        void run(StreamLane lane) throws IOException;
    }

    @Override
    public void write(long offset, MemorySegment from) {
        next = (next + 1) % lanes.size();
        carryOut(next, lane -> lane.data(offset, from));
    }

    @Override
    public void expect(long offset, long length) {
        // By the stream that the next run goes by.
        carryOut((next + 1) % lanes.size(), lane -> lane.expect(offset, length));
    }

    // After an await, so no stream overtakes another.
    @Override
    public void discard(long offset, long length) {
        carryOut(0, lane -> lane.discard(offset, length));
    }

    private void carryOut(int lane, Step step) {
        throwFailure();
        if (threads.isEmpty()) {
            runStep(lanes.get(lane), step);
            throwFailure();
            return;
        }
        room.acquireUninterruptibly();
        threads.get(lane).execute(() -> {
            try {
                runStep(lanes.get(lane), step);
            } finally {
                room.release();
            }
        });
    }

    private void runStep(StreamLane lane, Step step) {
        if (failure != null) return;
        try {
            step.run(lane);
        } catch (IOException lost) {
            failure = lost;
        }
    }

    private void throwFailure() {
        Throwable failed = failure;
        if (failed != null) {
            throw new PagePathException("the stream to the target is lost: " + failed.getMessage(), false, failed);
        }
    }

    @Override
    public void await() {
        List<CompletableFuture<?>> last = new ArrayList<>();
        for (int i = 0; i < lanes.size(); i++) {
            StreamLane lane = lanes.get(i);
            if (threads.isEmpty()) runStep(lane, StreamPathOut::sync);
            else last.add(CompletableFuture.runAsync(() -> runStep(lane, StreamPathOut::sync), threads.get(i)));
        }
        try {
            CompletableFuture.allOf(last.toArray(CompletableFuture<?>[]::new)).join();
        } catch (CompletionException unexpected) {
            throw new PagePathException("a stream failed", false, unexpected);
        }
        throwFailure();
    }

    private static void sync(StreamLane lane) throws IOException {
        lane.requestSync();
        lane.awaitSync();
    }

    /** There is no storage: what the target has is all there is to make durable. */
    @Override
    public void flush() {
        await();
    }

    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdown);
        lanes.forEach(StreamLane::close);
    }
}
