package io.pageferry.server.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.page.PageRange;
import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random marks, discards, questions and reopenings, held against two plain arrays. */
class PageDirectoryModelTest {
    private static final int PAGES = 3000;

    @TempDir
    Path folder;

    private final Random random = TestSeed.random(PageDirectoryModelTest.class);
    private final boolean[] written = new boolean[PAGES];
    /** The number of the step that changed a page last, 0 for never. */
    private final int[] changedAt = new int[PAGES];

    private int step;

    @Test
    void behavesAsPlainArrays() throws Exception {
        PageDirectory directory = open();
        long since = 0;
        int sinceStep = 0;
        for (step = 1; step <= 3000; step++) {
            int first = random.nextInt(PAGES);
            int count = random.nextInt(Math.min(PAGES - first, random.nextBoolean() ? 10 : 900) + 1);
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5, 6 -> mark(directory, first, count);
                case 7, 8, 9 -> discard(directory, first, count);
                case 10 -> touch(directory, first, count);
                case 11, 12, 13, 14 -> assertRuns(directory, first, count);
                case 15, 16 -> assertChangedRuns(directory, since, sinceStep, first, count);
                case 17, 18 -> {
                    since = directory.sequence();
                    sinceStep = step;
                }
                default -> {
                    if (random.nextInt(10) == 0) {
                        directory.close();
                        directory = open();
                    }
                }
            }
            assertThat(directory.writtenPages()).isEqualTo(modelWrittenPages());
        }
        assertRuns(directory, 0, PAGES);
        assertChangedRuns(directory, 0, 0, 0, PAGES);
        directory.close();
    }

    private PageDirectory open() throws Exception {
        return PageDirectory.open(folder.resolve("s.directory"), PAGES, this::modelRanges);
    }

    private void mark(PageDirectory directory, int first, int count) {
        directory.markWritten(first, count);
        for (int page = first; page < first + count; page++) {
            written[page] = true;
            changedAt[page] = step;
        }
    }

    private void discard(PageDirectory directory, int first, int count) {
        directory.markDiscarded(first, count);
        for (int page = first; page < first + count; page++) {
            written[page] = false;
            changedAt[page] = changedAt[page] == 0 ? 0 : step;
        }
    }

    private void touch(PageDirectory directory, int first, int count) {
        directory.markChanged(first, count);
        for (int page = first; page < first + count; page++) {
            changedAt[page] = changedAt[page] == 0 ? 0 : step;
        }
    }

    private void assertRuns(PageDirectory directory, int first, int count) {
        int[] next = {first};
        List<Boolean> states = new ArrayList<>();
        directory.runs(first, count, (runFirst, pages, runWritten) -> {
            assertThat(runFirst).isEqualTo(next[0]);
            for (int page = (int) runFirst; page < runFirst + pages; page++) {
                assertThat(written[page]).as("page %d", page).isEqualTo(runWritten);
                assertThat(directory.isWritten(page)).isEqualTo(runWritten);
            }
            states.add(runWritten);
            next[0] += (int) pages;
        });
        assertThat(next[0]).isEqualTo(first + count);
        for (int i = 1; i < states.size(); i++) {
            assertThat(states.get(i)).as("runs are maximal").isNotEqualTo(states.get(i - 1));
        }
    }

    private void assertChangedRuns(PageDirectory directory, long since, int sinceStep, int first, int count) {
        int[] next = {first};
        List<Integer> states = new ArrayList<>();
        directory.runsChangedSince(since, first, count, (runFirst, pages, changed, runWritten) -> {
            assertThat(runFirst).isEqualTo(next[0]);
            for (int page = (int) runFirst; page < runFirst + pages; page++) {
                assertThat(written[page]).as("page %d", page).isEqualTo(runWritten);
                boolean mayBeStampedAsNeighbour = changedAt[page] == 0;
                if (!mayBeStampedAsNeighbour) {
                    assertThat(changedAt[page] > sinceStep)
                            .as("page %d, changed in step %d, asked since %d", page, changedAt[page], sinceStep)
                            .isEqualTo(changed);
                }
            }
            states.add((changed ? 1 : 0) + (runWritten ? 2 : 0));
            next[0] += (int) pages;
        });
        assertThat(next[0]).isEqualTo(first + count);
        for (int i = 1; i < states.size(); i++) {
            assertThat(states.get(i)).as("runs are maximal").isNotEqualTo(states.get(i - 1));
        }
    }

    private long modelWrittenPages() {
        long pages = 0;
        for (boolean page : written) {
            pages += page ? 1 : 0;
        }
        return pages;
    }

    private List<PageRange> modelRanges() {
        List<PageRange> ranges = new ArrayList<>();
        for (int page = 0; page < PAGES; page++) {
            if (written[page]) {
                ranges.add(new PageRange(page, 1));
            }
        }
        return ranges;
    }
}
