package io.pageferry.partition;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.page.PageRange;
import io.pageferry.pager.PageAnswers;
import io.pageferry.pager.PageSource;
import io.pageferry.pagetable.PageRecords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/** Makes up the content of missing pages; stops to answer after so many, as an agent does that hangs. */
final class PatternSource implements PageSource {
    private static final int MOST_PAGES = 64;

    private final AttachedPartition partition;
    private final long seed;
    private final AtomicLong answersLeft;
    private final Runnable onLast;
    private final MemorySegment buffer =
            Arena.ofAuto().allocate((long) MOST_PAGES * PatternPages.PAGE, PatternPages.PAGE);

    PatternSource(AttachedPartition partition, long seed, long answers, Runnable onLast) {
        this.partition = partition;
        this.seed = seed;
        this.answersLeft = new AtomicLong(answers);
        this.onLast = onLast;
    }

    @Override
    public synchronized void request(PageRange pages, PageAnswers answers) {
        for (long page = pages.firstPage(); page < pages.end(); page++) {
            long left = answersLeft.decrementAndGet();
            if (left == 0) onLast.run();
            if (left < 0) return;
            PageRange one = new PageRange(page, 1);
            if (partition.records().has(page, PageRecords.RELEASED)) {
                answers.zeroes(one);
                continue;
            }
            MemorySegment content = buffer.asSlice(0, PatternPages.PAGE);
            PatternPages.fill(content, page, 1, seed);
            answers.content(one, content);
        }
    }
}
