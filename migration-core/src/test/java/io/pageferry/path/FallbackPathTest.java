package io.pageferry.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A path that breaks at any step gives way to the other, and nothing is lost between the two. */
class FallbackPathTest {
    private static final int PAGES = 8;

    /** A space in this process, reached by a path that breaks before its n-th step. */
    private static final class BreakingPath implements PagePathOut, PagePathIn {
        private final byte[] space;
        private int stepsLeft;
        private int closes;

        BreakingPath(byte[] space, int stepsLeft) {
            this.space = space;
            this.stepsLeft = stepsLeft;
        }

        private void step() {
            if (stepsLeft-- <= 0) throw new PagePathException("broken", false, new IllegalStateException("broken"));
        }

        @Override
        public void write(long offset, MemorySegment from) {
            step();
            space[(int) offset] = from.get(ValueLayout.JAVA_BYTE, 0);
        }

        @Override
        public void discard(long offset, long length) {
            step();
            for (long at = offset; at < offset + length; at++) space[(int) at] = 0;
        }

        @Override
        public void await() {
            step();
        }

        @Override
        public void flush() {
            step();
        }

        @Override
        public void read(long offset, MemorySegment into, Done done) {
            try {
                step();
                into.set(ValueLayout.JAVA_BYTE, 0, space[(int) offset]);
                done.done(null);
            } catch (PagePathException broken) {
                done.done(broken);
            }
        }

        @Override
        public void readUrgent(long offset, MemorySegment into, Done done) {
            read(offset, into, done);
        }

        @Override
        public void changed(Changed visitor) {
            step();
            visitor.range(0, space.length, false);
        }

        @Override
        public void close() {
            closes++;
        }
    }

    @Test
    void whereverAWayOutBreaksTheSpaceHoldsEverything() {
        // Each write is a step, and so are the awaits, the discard and the flush: the path breaks before each of them
        // once.
        for (int steps = 0; steps < 2 * PAGES + 4; steps++) {
            byte[] space = new byte[PAGES];
            BreakingPath first = new BreakingPath(space, steps);
            List<BreakingPath> opened = new ArrayList<>();
            try (Arena arena = Arena.ofConfined();
                    FallbackPathOut out = new FallbackPathOut(
                            first,
                            () -> {
                                opened.add(new BreakingPath(space, Integer.MAX_VALUE));
                                return opened.getFirst();
                            },
                            failure -> true)) {
                writeAll(out, arena, 1);
                out.await();
                out.discard(3, 1);
                writeAll(out, arena, 2);
                out.flush();
            }
            assertThat(space).as("broken before step %d", steps).containsOnly(2);
            assertThat(first.closes).isEqualTo(1);
            assertThat(opened).hasSize(steps < 2 * PAGES + 3 ? 1 : 0);
        }
    }

    private static void writeAll(PagePathOut out, Arena arena, int value) {
        for (int page = 0; page < PAGES; page++) {
            MemorySegment content = arena.allocate(1);
            content.set(ValueLayout.JAVA_BYTE, 0, (byte) value);
            out.write(page, content);
        }
    }

    @Test
    void aFailureThatIsNotOfThePathIsTheMigrations() {
        BreakingPath first = new BreakingPath(new byte[PAGES], 0);
        try (FallbackPathOut out = new FallbackPathOut(
                first,
                () -> {
                    throw new AssertionError("no other path is asked for");
                },
                failure -> false)) {
            assertThatThrownBy(out::await).isInstanceOf(PagePathException.class);
        }
    }

    @Test
    void whereTheOtherCannotBeOpenedEitherTheFirstIsClosedOnce() {
        BreakingPath first = new BreakingPath(new byte[PAGES], 0);
        try (FallbackPathOut out = new FallbackPathOut(
                first,
                () -> {
                    throw new IllegalStateException("neither");
                },
                failure -> true)) {
            assertThatThrownBy(out::await).hasMessage("neither");
        }
        assertThat(first.closes).isEqualTo(1);
    }

    @Test
    void aWayInThatBreaksGoesOnByTheOtherWhichTellsEverythingAnew() {
        byte[] space = {5, 6};
        BreakingPath second = new BreakingPath(space, Integer.MAX_VALUE);
        try (Arena arena = Arena.ofConfined();
                FallbackPathIn in = new FallbackPathIn(new BreakingPath(space, 1), () -> second)) {
            MemorySegment into = arena.allocate(1);
            List<Object> ends = new ArrayList<>();
            in.read(0, into, failure -> ends.add(String.valueOf(failure)));
            in.read(1, into, failure -> ends.add(String.valueOf(failure)));
            assertThat(ends).containsExactly("null", "null");
            assertThat(into.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 6);

            List<Long> told = new ArrayList<>();
            in.changed((offset, length, hole) -> told.add(length));
            assertThat(told).containsExactly(2L);
        }
        assertThat(second.closes).isEqualTo(1);
    }
}
