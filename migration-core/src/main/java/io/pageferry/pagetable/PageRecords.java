package io.pageferry.pagetable;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * One byte of record a page, in a memfd that program and agent share; each bit is set and cleared atomically by either.
 *
 * <p>Format, version 1: byte {@code i} belongs to page {@code i}; the bits 0 to 5 are the constants of this class,
 * bits 6 and 7 the heat class, from 0 (cold) to 3 (hot). So what is known of a page's use stays with the partition when the
 * agent that observed it has gone.
 */
public final class PageRecords {
    /** The program has given the page back since memory last began to arrive: it is filled with zeroes, never fetched. */
    public static final int RELEASED = 1;
    /** The program has declared the page read-only. */
    public static final int READ_ONLY = 1 << 1;
    /** The migration table may hold an entry of the page, which the switch has made stale. */
    public static final int STALE_ENTRY = 1 << 2;
    /**
     * The program has punched a hole into the page since the agent last looked: its content changed, and write tracking has
     * not seen it. Set after the punch; an agent that copies pages clears it before it reads one.
     */
    public static final int PUNCHED = 1 << 3;
    /** The page was used, as an entry that was removed had recorded; whoever keeps the heat takes it up and clears it. */
    public static final int REFERENCED = 1 << 4;
    /** The page was seen to be written, not long ago: read-write, unless the program has declared it read-only since. */
    public static final int WRITTEN = 1 << 5;

    private static final int HEAT_SHIFT = 6;
    private static final int HEAT_MASK = 3 << HEAT_SHIFT;

    // Bytes have no atomic operations in memory segments: a byte is changed within its aligned word of four.
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();
    private static final int PAGES_A_WORD = 4;
    /** Times a bit: that bit of each page of a word. */
    private static final int EVERY_PAGE = 0x01010101;

    private final MemorySegment words;
    private final long pageCount;

    private PageRecords(MemorySegment words, long pageCount) {
        this.words = words;
        this.pageCount = pageCount;
    }

    /** A memfd for the records of so many pages, all of them 0. */
    public static Descriptor create(String name, long pageCount) {
        return FileCalls.sealedMemfd(name, sizeBytes(pageCount));
    }

    /** Maps the records; unmapped when the arena closes. */
    public static PageRecords map(Descriptor records, long pageCount, Arena arena) {
        return new PageRecords(
                Mapping.readWrite(records, sizeBytes(pageCount), arena).segment(), pageCount);
    }

    /** The size of the memfd in bytes: a byte a page, rounded up to whole words. */
    public static long sizeBytes(long pageCount) {
        return (pageCount + PAGES_A_WORD - 1) / PAGES_A_WORD * PAGES_A_WORD;
    }

    public long pageCount() {
        return pageCount;
    }

    public boolean has(long pageIndex, int bit) {
        int word = (int) WORD.getVolatile(words, pageIndex & -PAGES_A_WORD);
        return (word >>> shift(pageIndex) & bit) != 0;
    }

    /** Sets a bit of a page; tells whether it was clear. */
    public boolean set(long pageIndex, int bit) {
        int mask = bit << shift(pageIndex);
        return ((int) WORD.getAndBitwiseOr(words, pageIndex & -PAGES_A_WORD, mask) & mask) == 0;
    }

    /** Clears a bit of a page; tells whether it was set: of several threads that clear it, one is told so. */
    public boolean clear(long pageIndex, int bit) {
        int mask = bit << shift(pageIndex);
        return ((int) WORD.getAndBitwiseAnd(words, pageIndex & -PAGES_A_WORD, ~mask) & mask) != 0;
    }

    /** How often the page is used, from 0 (cold) to 3 (hot). */
    public int heat(long pageIndex) {
        int word = (int) WORD.getVolatile(words, pageIndex & -PAGES_A_WORD);
        return ((word >>> shift(pageIndex)) & HEAT_MASK) >>> HEAT_SHIFT;
    }

    public void setHeat(long pageIndex, int heat) {
        int mask = HEAT_MASK << shift(pageIndex);
        int value = (heat << (HEAT_SHIFT + shift(pageIndex))) & mask;
        long at = pageIndex & -PAGES_A_WORD;
        for (int word = (int) WORD.getVolatile(words, at); (word & mask) != value; ) {
            int seen = (int) WORD.compareAndExchange(words, at, word, (word & ~mask) | value);
            if (seen == word) return;
            word = seen;
        }
    }

    /** Sets a bit of each page. */
    public void setAll(PageRange pages, int bit) {
        for (long page = pages.firstPage(); page < pages.end(); page = nextWord(page)) {
            var _ = (int) WORD.getAndBitwiseOr(words, page & -PAGES_A_WORD, mask(page, pages.end(), bit));
        }
    }

    /** Clears a bit of each page; returns of how many it was this call that cleared it. */
    public long clearAll(PageRange pages, int bit) {
        long cleared = 0;
        for (long page = pages.firstPage(); page < pages.end(); page = nextWord(page)) {
            int mask = mask(page, pages.end(), bit);
            int before = (int) WORD.getAndBitwiseAnd(words, page & -PAGES_A_WORD, ~mask);
            cleared += Integer.bitCount(before & mask);
        }
        return cleared;
    }

    /** Clears everything of every page. Only while nobody else changes a record. */
    public void reset() {
        words.fill((byte) 0);
    }

    /** Whether any page has a bit. */
    public boolean hasAny(int bit) {
        int anyOfFour = bit * EVERY_PAGE;
        for (long page = 0; page < pageCount; page += PAGES_A_WORD) {
            if (((int) WORD.getVolatile(words, page) & anyOfFour) != 0) return true;
        }
        return false;
    }

    /** Adds the pages that have a bit to a set over as many pages. */
    public void addPagesWith(int bit, PageSet into) {
        int anyOfFour = bit * EVERY_PAGE;
        for (long page = 0; page < pageCount; page += PAGES_A_WORD) {
            int word = (int) WORD.getVolatile(words, page) & anyOfFour;
            for (long each = page; word != 0; word >>>= Byte.SIZE, each++) {
                if ((word & bit) != 0) into.add(each);
            }
        }
    }

    private static long nextWord(long pageIndex) {
        return (pageIndex & -PAGES_A_WORD) + PAGES_A_WORD;
    }

    /** A bit of each page from one up to another that are in the word of the first. */
    private static int mask(long pageIndex, long end, int bit) {
        int count = (int) Math.min(end - pageIndex, nextWord(pageIndex) - pageIndex);
        int bytes = (int) ((1L << (count * Byte.SIZE)) - 1);
        return bit * EVERY_PAGE & bytes << shift(pageIndex);
    }

    private static int shift(long pageIndex) {
        return (int) (pageIndex % PAGES_A_WORD) * Byte.SIZE;
    }
}
