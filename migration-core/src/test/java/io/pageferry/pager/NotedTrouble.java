package io.pageferry.pager;

import io.pageferry.page.PageRange;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a fault server reports. */
final class NotedTrouble implements FaultListener {
    final List<PageRange> stuck = new CopyOnWriteArrayList<>();
    final List<String> causes = new CopyOnWriteArrayList<>();
    volatile boolean programGone;

    @Override
    public void stuck(PageRange pages, Throwable cause) {
        stuck.add(pages);
        causes.add(String.valueOf(cause.getMessage()));
    }

    @Override
    public void programGone() {
        programGone = true;
    }
}
