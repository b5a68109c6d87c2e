package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResidentPagesTest {
    private static final long PAGES = 1000;
    private static final long PAGE = 4096;

    @Test
    void whatIsFilledAndDroppedIsWhatTheFileHolds() {
        Random random = TestSeed.random(ResidentPagesTest.class);
        try (Descriptor memfd = FileCalls.memfd("resident", PAGES * PAGE);
                Arena arena = Arena.ofConfined()) {
            ResidentPages resident = ResidentPages.none(PAGES);
            MemfdFiller filler = new MemfdFiller(memfd, resident);
            PageSet model = new PageSet(PAGES);
            for (int step = 0; step < 300; step++) {
                PageRange pages = randomRange(random);
                switch (random.nextInt(3)) {
                    case 0 -> filler.fill(pages, arena.allocate(pages.pageCount() * PAGE));
                    case 1 -> filler.fillZeroes(pages);
                    default -> {
                        filler.drop(pages);
                        model.remove(pages);
                        continue;
                    }
                }
                model.add(pages);
                if (step % 10 == 0) assertHolds(resident, memfd, model);
            }
            assertHolds(resident, memfd, model);
        }
    }

    private static PageRange randomRange(Random random) {
        long first = random.nextLong(PAGES);
        return new PageRange(first, 1 + random.nextLong(Math.min(PAGES - first, 60)));
    }

    private static void assertHolds(ResidentPages resident, Descriptor memfd, PageSet model) {
        assertThat(resident.snapshot()).isEqualTo(model);
        assertThat(resident.residentCount()).isEqualTo(model.size());
        assertThat(ResidentPages.of(memfd, PAGES).snapshot()).isEqualTo(model);
        PageSet all = resident.missing();
        all.addAll(model);
        assertThat(all.size()).isEqualTo(PAGES);
        assertThat(resident.missing().size()).isEqualTo(PAGES - model.size());
    }

    @Test
    void contentFilledByDescriptorIsSeenThroughAMappingAndMayBeFilledAgain() {
        try (Descriptor memfd = FileCalls.memfd("resident", PAGES * PAGE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = Mapping.readOnly(memfd, PAGES * PAGE, arena).segment();
            MemfdFiller filler = new MemfdFiller(memfd, ResidentPages.none(PAGES));
            PageRange pages = new PageRange(3, 20);
            for (long seed : new long[] {11, 12}) {
                filler.fill(pages, new PatternSource(seed).content(pages, arena));
                for (long page = 3; page < 23; page++) {
                    assertThat(PagePattern.holds(memory, page, seed)).isTrue();
                }
            }
        }
    }

    @Test
    void rangesOutsideTheMemoryAreRefused() {
        try (Descriptor memfd = FileCalls.memfd("resident", PAGES * PAGE)) {
            MemfdFiller filler = new MemfdFiller(memfd, ResidentPages.none(PAGES));
            assertThatThrownBy(() -> filler.fillZeroes(new PageRange(PAGES, 1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(FileCalls.size(memfd)).isEqualTo(PAGES * PAGE);
        }
    }
}
