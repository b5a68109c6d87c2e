package io.pageferry.path;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A way in with another one behind it: when the first breaks, the second takes over.
 *
 * <p>Invariant: the second path has never been asked what changed, so its first answer is all that is written: nothing that
 * the first did not tell is missed. Thread-safe.
 */
public final class FallbackPathIn implements PagePathIn {
    private final PagePathIn first;
    private final Supplier<PagePathIn> open;
    private volatile Optional<PagePathIn> second = Optional.empty();

    /**
     * Goes by the first path as long as it lasts.
     *
     * @param first one whose reads end on the calling thread
     * @param second opens the other path, and says so to whom it concerns
     */
    public FallbackPathIn(PagePathIn first, Supplier<PagePathIn> second) {
        this.first = first;
        this.open = second;
    }

    @Override
    public void read(long offset, MemorySegment into, Done done) {
        Optional<PagePathIn> other = second;
        if (other.isPresent()) other.get().read(offset, into, done);
        else first.read(offset, into, failure -> retry(failure, done, path -> path.read(offset, into, done)));
    }

    @Override
    public void readUrgent(long offset, MemorySegment into, Done done) {
        Optional<PagePathIn> other = second;
        if (other.isPresent()) other.get().readUrgent(offset, into, done);
        else
            first.readUrgent(
                    offset, into, failure -> retry(failure, done, path -> path.readUrgent(offset, into, done)));
    }

    private void retry(@Nullable Throwable failure, Done done, Consumer<PagePathIn> again) {
        if (failure == null) {
            done.done(null);
            return;
        }
        PagePathIn other;
        try {
            other = fallBack();
        } catch (RuntimeException neither) {
            done.done(neither);
            return;
        }
        again.accept(other);
    }

    @Override
    public void changed(Changed visitor) {
        Optional<PagePathIn> other = second;
        if (other.isPresent()) {
            other.get().changed(visitor);
            return;
        }
        try {
            first.changed(visitor);
        } catch (PagePathException failure) {
            fallBack().changed(visitor);
        }
    }

    @Override
    public boolean isImmediate() {
        return second.orElse(first).isImmediate();
    }

    private synchronized PagePathIn fallBack() {
        if (second.isEmpty()) second = Optional.of(open.get());
        return second.get();
    }

    // The first only now: other threads may be reading by its descriptor, which must not become another file's
    // meanwhile.
    @Override
    public synchronized void close() {
        second.ifPresent(PagePathIn::close);
        first.close();
    }
}
