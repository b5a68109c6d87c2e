package io.pageferry.examples.kv.store;

/**
 * Allocates runs of whole pages. Free runs are kept in bins by length, a list a bin, and a bit a bin that is not empty;
 * a freed run is joined with its free neighbours at once, so that two free runs never touch.
 */
final class PageRuns {
    /** No page: page 0 is the header's. */
    static final int NONE = 0;

    private static final int EXACT_BINS = 32;
    private static final int QUICK_LOOKS = 8;

    private final StoreHeader header;
    private final PageMap pages;
    private final StalePages stale;
    private final Layout layout;

    PageRuns(StoreHeader header, PageMap pages, StalePages stale, Layout layout) {
        this.header = header;
        this.pages = pages;
        this.stale = stale;
        this.layout = layout;
    }

    /** Makes all data pages one free run, whatever they were. */
    void format() {
        header.addFreePages(layout.dataPages() - header.freePages());
        for (int bin = 0; bin < StoreHeader.FREE_BINS; bin++) header.binHead(bin, NONE);
        header.binBits(0, 0);
        header.binBits(1, 0);
        link(layout.firstDataPage(), layout.dataPages());
    }

    /** A run of pages, its ends marked as of this kind; {@link #NONE} if no free run is long enough. */
    int allocate(int pageCount, int kind) {
        int head = find(pageCount);
        if (head == NONE) return NONE;
        int length = pages.pageCount(head);
        unlink(head, length);
        if (length > pageCount) link(head + pageCount, length - pageCount);
        pages.run(head, pageCount, kind);
        header.addFreePages(-pageCount);
        stale.remove(head, pageCount);
        return head;
    }

    void free(int head) {
        int pageCount = pages.pageCount(head);
        header.addFreePages(pageCount);
        stale.add(head, pageCount);
        int first = head;
        int end = head + pageCount;
        if (first > layout.firstDataPage() && pages.kind(first - 1) == PageMap.FREE) {
            first = pages.head(first - 1);
            unlink(first, head - first);
        }
        if (end < layout.pageCount() && pages.kind(end) == PageMap.FREE) {
            int length = pages.pageCount(end);
            unlink(end, length);
            end += length;
        }
        link(first, end - first);
    }

    private int find(int pageCount) {
        int bin = bin(pageCount);
        int head = search(bin, pageCount, QUICK_LOOKS);
        if (head != NONE) return head;
        int larger = nextBin(bin + 1);
        // In a larger bin any run fits; otherwise look at the whole bin before giving up.
        return larger < StoreHeader.FREE_BINS ? header.binHead(larger) : search(bin, pageCount, Integer.MAX_VALUE);
    }

    private int search(int bin, int pageCount, int maxLooks) {
        int head = header.binHead(bin);
        for (int look = 0; head != NONE && look < maxLooks; look++) {
            if (pages.pageCount(head) >= pageCount) return head;
            head = pages.next(head);
        }
        return NONE;
    }

    private int nextBin(int from) {
        for (int word = from / 64; word < StoreHeader.FREE_BINS / 64; word++) {
            long bits = header.binBits(word);
            if (word == from / 64) bits &= -1L << from;
            if (bits != 0) return word * 64 + Long.numberOfTrailingZeros(bits);
        }
        return StoreHeader.FREE_BINS;
    }

    /** One bin a length up to 31 pages, then four a doubling. */
    private static int bin(int pageCount) {
        if (pageCount < EXACT_BINS) return pageCount;
        int doubling = 31 - Integer.numberOfLeadingZeros(pageCount);
        return EXACT_BINS + (doubling - 5) * 4 + ((pageCount >>> (doubling - 2)) & 3);
    }

    private void link(int head, int pageCount) {
        int bin = bin(pageCount);
        int next = header.binHead(bin);
        pages.run(head, pageCount, PageMap.FREE);
        pages.previous(head, NONE);
        pages.next(head, next);
        if (next != NONE) pages.previous(next, head);
        header.binHead(bin, head);
        header.binBits(bin / 64, header.binBits(bin / 64) | (1L << bin));
    }

    private void unlink(int head, int pageCount) {
        int bin = bin(pageCount);
        int previous = pages.previous(head);
        int next = pages.next(head);
        if (next != NONE) pages.previous(next, previous);
        if (previous != NONE) pages.next(previous, next);
        else header.binHead(bin, next);
        if (header.binHead(bin) == NONE) header.binBits(bin / 64, header.binBits(bin / 64) & ~(1L << bin));
    }
}
