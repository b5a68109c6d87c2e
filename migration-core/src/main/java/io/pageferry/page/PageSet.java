package io.pageferry.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A set of pages out of the pages 0 to {@code pageCount - 1}, as a bitmap: one bit a page, 32 KiB for each GiB of 4 KiB
 * pages. Not thread-safe.
 *
 * <p>Every method that takes a page or a range throws {@link IndexOutOfBoundsException} if it is not within the pages.
 */
public final class PageSet {
    private static final int BITS = Long.SIZE;

    private final long pageCount;
    private final long[] words;

    /** @throws IllegalArgumentException if the count is negative or above 2^37 (a bitmap of 16 GiB) */
    public PageSet(long pageCount) {
        if (pageCount < 0 || pageCount > (long) Integer.MAX_VALUE * BITS) {
            throw new IllegalArgumentException("not a number of pages: " + pageCount);
        }
        this.pageCount = pageCount;
        this.words = new long[(int) ((pageCount + BITS - 1) / BITS)];
    }

    private PageSet(PageSet other) {
        this.pageCount = other.pageCount;
        this.words = other.words.clone();
    }

    /** How many pages there are to choose from: the largest index plus one. */
    public long pageCount() {
        return pageCount;
    }

    public PageSet copy() {
        return new PageSet(this);
    }

    public boolean contains(long pageIndex) {
        Objects.checkIndex(pageIndex, pageCount);
        return (words[(int) (pageIndex / BITS)] & (1L << pageIndex)) != 0;
    }

    /** Adds one page; tells whether it was absent. */
    public boolean add(long pageIndex) {
        Objects.checkIndex(pageIndex, pageCount);
        int word = (int) (pageIndex / BITS);
        long before = words[word];
        words[word] = before | (1L << pageIndex);
        return words[word] != before;
    }

    /** Removes one page; tells whether it was present. */
    public boolean remove(long pageIndex) {
        Objects.checkIndex(pageIndex, pageCount);
        int word = (int) (pageIndex / BITS);
        long before = words[word];
        words[word] = before & ~(1L << pageIndex);
        return words[word] != before;
    }

    public void addRange(long firstPage, long count) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        for (long page = firstPage, end = firstPage + count; page < end; page = nextWord(page)) {
            words[(int) (page / BITS)] |= mask(page, end);
        }
    }

    public void removeRange(long firstPage, long count) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        for (long page = firstPage, end = firstPage + count; page < end; page = nextWord(page)) {
            words[(int) (page / BITS)] &= ~mask(page, end);
        }
    }

    public void add(PageRange range) {
        addRange(range.firstPage(), range.pageCount());
    }

    public void remove(PageRange range) {
        removeRange(range.firstPage(), range.pageCount());
    }

    /** Adds every page of the other set, which must be over as many pages. */
    public void addAll(PageSet other) {
        requireSameCount(other);
        for (int i = 0; i < words.length; i++) {
            words[i] |= other.words[i];
        }
    }

    /** Removes every page of the other set, which must be over as many pages. */
    public void removeAll(PageSet other) {
        requireSameCount(other);
        for (int i = 0; i < words.length; i++) {
            words[i] &= ~other.words[i];
        }
    }

    /** Keeps only the pages that are also in the other set, which must be over as many pages. */
    public void retainAll(PageSet other) {
        requireSameCount(other);
        for (int i = 0; i < words.length; i++) {
            words[i] &= other.words[i];
        }
    }

    public void clear() {
        Arrays.fill(words, 0);
    }

    /** How many pages are in the set. */
    public long size() {
        long size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    /** How many pages of a range are in the set. */
    public long sizeWithin(long firstPage, long count) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        long size = 0;
        for (long page = firstPage, end = firstPage + count; page < end; page = nextWord(page)) {
            size += Long.bitCount(words[(int) (page / BITS)] & mask(page, end));
        }
        return size;
    }

    public boolean isEmpty() {
        return nextPresent(0) == pageCount;
    }

    /** The first page of the set that is not below {@code fromPage}, or {@link #pageCount()} if there is none. */
    public long nextPresent(long fromPage) {
        return next(fromPage, 0);
    }

    /** The first page outside the set that is not below {@code fromPage}, or {@link #pageCount()} if there is none. */
    public long nextAbsent(long fromPage) {
        return next(fromPage, -1);
    }

    /** Visits the maximal ranges of neighbouring pages, in rising order. */
    public void forEachRange(PageRangeVisitor visitor) {
        for (long first = nextPresent(0); first < pageCount; ) {
            long end = nextAbsent(first);
            visitor.range(first, end - first);
            first = nextPresent(end);
        }
    }

    /** The maximal ranges of neighbouring pages, in rising order. */
    public List<PageRange> ranges() {
        List<PageRange> ranges = new ArrayList<>();
        forEachRange((firstPage, count) -> ranges.add(new PageRange(firstPage, count)));
        return ranges;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PageSet other && pageCount == other.pageCount && Arrays.equals(words, other.words);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(pageCount) * 31 + Arrays.hashCode(words);
    }

    @Override
    public String toString() {
        return size() + " of " + pageCount + " pages";
    }

    /** Scans for a one bit after each word was combined by exclusive or with {@code invert} (0 or -1). */
    private long next(long fromPage, long invert) {
        if (fromPage < 0) {
            throw new IndexOutOfBoundsException("page " + fromPage + " of " + pageCount);
        }
        if (fromPage >= pageCount) {
            return pageCount;
        }
        int index = (int) (fromPage / BITS);
        long word = (words[index] ^ invert) & (-1L << fromPage);
        while (word == 0) {
            if (++index == words.length) {
                return pageCount;
            }
            word = words[index] ^ invert;
        }
        // Inverted, the bits beyond the last page are ones: they are no pages.
        return Math.min(pageCount, (long) index * BITS + Long.numberOfTrailingZeros(word));
    }

    private static long nextWord(long page) {
        return (page | (BITS - 1)) + 1;
    }

    /** The bits of the pages from {@code page} to {@code end} within the word of {@code page}. */
    private static long mask(long page, long end) {
        long fromPage = -1L << page;
        return end >= nextWord(page) ? fromPage : fromPage & ~(-1L << end);
    }

    private void requireSameCount(PageSet other) {
        if (other.pageCount != pageCount) {
            throw new IllegalArgumentException("sets over " + pageCount + " and " + other.pageCount + " pages");
        }
    }
}
