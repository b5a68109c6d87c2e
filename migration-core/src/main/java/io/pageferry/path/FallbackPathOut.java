package io.pageferry.path;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A way out with another one behind it: when the first breaks, the second takes over where the last {@link #await} was.
 *
 * <p>Invariant: what was awaited is in the space, whichever path it went by; what was not is written again by the second.
 * Memory may have changed since it was written first: such a page is dirty, and goes out again anyway.
 */
public final class FallbackPathOut implements PagePathOut {
    /** Something that the space may not hold yet: a write, or a discard where there is no content. */
    private record Unconfirmed(
            long offset, long length, @Nullable MemorySegment from) {}

    private final Supplier<PagePathOut> second;
    private final Predicate<PagePathException> canGoOn;
    private final List<Unconfirmed> unconfirmed = new ArrayList<>();
    private PagePathOut path;
    private boolean fallenBack;

    /**
     * Goes by the first path as long as it lasts.
     *
     * @param second opens the other path, and says so to whom it concerns
     * @param canGoOn whether a failure is of the path, so that another may do better
     */
    public FallbackPathOut(PagePathOut first, Supplier<PagePathOut> second, Predicate<PagePathException> canGoOn) {
        this.path = first;
        this.second = second;
        this.canGoOn = canGoOn;
    }

    @Override
    public void write(long offset, MemorySegment from) {
        carryOut(new Unconfirmed(offset, from.byteSize(), from));
    }

    /** A mere hint: where the path is broken, the next write shows it. */
    @Override
    public void expect(long offset, long length) {
        path.expect(offset, length);
    }

    @Override
    public void discard(long offset, long length) {
        carryOut(new Unconfirmed(offset, length, null));
    }

    private void carryOut(Unconfirmed step) {
        if (!fallenBack) unconfirmed.add(step);
        try {
            carryOut(path, step);
        } catch (PagePathException failure) {
            fallBack(failure);
        }
    }

    private static void carryOut(PagePathOut path, Unconfirmed step) {
        if (step.from == null) path.discard(step.offset, step.length);
        else path.write(step.offset, step.from);
    }

    @Override
    public void await() {
        settle(PagePathOut::await);
    }

    @Override
    public void flush() {
        settle(PagePathOut::flush);
    }

    private void settle(Consumer<PagePathOut> step) {
        try {
            step.accept(path);
        } catch (PagePathException failure) {
            fallBack(failure);
            step.accept(path);
        }
        unconfirmed.clear();
    }

    private void fallBack(PagePathException failure) {
        if (fallenBack || !canGoOn.test(failure)) throw failure;
        PagePathOut broken = path;
        path = second.get();
        fallenBack = true;
        broken.close();
        // A discard only ends what earlier writes began, and those are awaited before it: in their order they are
        // right.
        unconfirmed.forEach(step -> carryOut(path, step));
        unconfirmed.clear();
    }

    @Override
    public void close() {
        path.close();
    }
}
