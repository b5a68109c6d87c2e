package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.testing.KernelRequirement;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On real huge pages of a real memfd. */
class WaitingMemoryTest {
    private static final int EXTENT = WaitingMemory.EXTENT_PAGES;
    private static final long PAGES = 3L * EXTENT + 5;
    private static final long PAGE = 4096;

    private final Descriptor memfd = FileCalls.memfd("waiting", PAGES * PAGE);
    private final Arena mapped = Arena.ofShared();
    private final WaitingMemory memory = new WaitingMemory(memfd, Mapping.readWrite(memfd, PAGES * PAGE, mapped));

    @AfterEach
    void close() {
        mapped.close();
        memfd.close();
    }

    private PageSet pages(long firstPage, long count) {
        PageSet pages = new PageSet(PAGES);
        pages.addRange(firstPage, count);
        return pages;
    }

    private int byteOf(long page) {
        return memory.pages(page, 1).get(ValueLayout.JAVA_BYTE, 17);
    }

    private void put(long page, int value) {
        memory.pages(page, 1).set(ValueLayout.JAVA_BYTE, 17, (byte) value);
    }

    @Test
    void aGatheredExtentKeepsWhatItHeldAndTheRestIsZeroes() {
        put(EXTENT + 3, 7);
        assertThat(memory.gather(EXTENT + 100)).isTrue();
        assertThat(memory.isGathered(EXTENT)).isTrue();
        assertThat(memory.isGathered(0)).isFalse();
        assertThat(memory.resident()).isEqualTo(pages(EXTENT, EXTENT));
        assertThat(memory.allocated()).isEqualTo(memory.resident());
        assertThat(byteOf(EXTENT + 3)).isEqualTo(7);
        assertThat(byteOf(EXTENT + 4)).isZero();
    }

    @Test
    void anExtentThatTheMemoryEndsInStaysAsItIs() {
        assertThat(memory.gather(PAGES - 1)).isFalse();
        assertThat(memory.resident().isEmpty()).isTrue();
    }

    @Test
    void droppedPagesAreMissingAndTheirNeighboursStay() {
        assertThat(memory.gather(0)).isTrue();
        for (long page = 0; page < EXTENT; page++) put(page, 1);
        PageSet some = pages(5, 2);
        some.addRange(200, 1);
        some.addRange(2L * EXTENT, 10);

        assertThat(memory.drop(some)).isEqualTo(some);
        PageSet expected = pages(0, EXTENT);
        expected.removeAll(some);
        assertThat(memory.resident()).isEqualTo(expected);
        assertThat(byteOf(4)).isEqualTo(1);
        assertThat(byteOf(7)).isEqualTo(1);
    }

    @Test
    void whatAProgramThatWaitsHasTouchedIsGivenBackWhereThePageIsStillToCome() {
        for (long page : new long[] {3, 7, 8, 900}) put(page, 0);
        PageSet missing = pages(5, 10);
        missing.addRange(20, 2);
        memory.dropStrays(missing);
        PageSet left = pages(3, 1);
        left.addRange(900, 1);
        assertThat(memory.resident()).isEqualTo(left);
    }

    /** Whoever holds a page of a huge one keeps it in one piece, and the page would stay behind as zeroes that nobody waits for. */
    @Test
    void aPageThatCannotBeCutOutTakesItsExtentWithIt() {
        assertThat(memory.gather(0)).isTrue();
        assertThat(memory.gather(EXTENT)).isTrue();
        put(7, 1);
        put(EXTENT + 7, 1);
        try (PageInPipe held = PageInPipe.hold(memfd, 7 * PAGE)) {
            PageSet some = pages(7, 1);
            some.addRange(EXTENT + 7, 1);

            PageSet dropped = pages(0, EXTENT);
            dropped.add(new PageRange(EXTENT + 7, 1));
            assertThat(memory.drop(some)).isEqualTo(dropped);
            PageSet left = pages(EXTENT, EXTENT);
            left.remove(EXTENT + 7);
            assertThat(memory.resident()).isEqualTo(left);
            assertThat(held.sizeBytes()).isEqualTo(PAGE);
        }
    }

    /** Why missing pages are reported only once all has come that comes before the program runs. */
    @Test
    void whereMissingPagesAreReportedNothingIsGathered() {
        KernelRequirement.userfaultfd();
        try (Arena arena = Arena.ofConfined();
                Userfaultfd faults = UserfaultfdFactory.create().userfaultfd()) {
            Mapping other = Mapping.readWrite(memfd, PAGES * PAGE, arena);
            faults.register(other.address(), PAGES * PAGE, Userfaultfd.Mode.WRITE_PROTECT);
            faults.writeProtect(other.address(), PAGES * PAGE);
            assertThat(memory.gather(0)).isTrue();
            faults.register(other.address(), PAGES * PAGE, Userfaultfd.Mode.MISSING_AND_WRITE_PROTECT);
            assertThat(memory.gather(EXTENT)).isFalse();
            // The attempt has left a page of zeroes: who takes the memory over has to know, or it would be seen instead
            // of
            // what is still to come.
            assertThat(memory.resident().contains(EXTENT)).isTrue();
            assertThat(memory.allocated()).isEqualTo(memory.resident());
        }
    }
}
