package io.pageferry.heat;

import io.pageferry.page.PageSet;

/** Puts pages into the groups of an {@link Order}. It reads the heat map when it is asked, so a page may move. For one thread. */
public interface Ranking {
    /** The group of a page: those of group 0 go first. */
    int group(boolean declaredReadOnly, long pageIndex);

    /** Takes up what the heat map has learnt of these pages; returns all pages whose group may be another now. */
    default PageSet learn(PageSet seen) {
        return seen;
    }
}
