package io.pageferry.pager;

import io.pageferry.page.PageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random accesses of a program to its memory, made from a seed: the program carries them out, the test knows them too. */
record AccessPlan(List<Access> accesses) {
    private static final int PAGE = 4096;
    private static final int MOST_PAGES = 40;

    enum Kind {
        LOAD(false),
        BULK_LOAD(false),
        LOAD_BY_SYSTEM_CALL(false),
        STORE(true),
        BULK_STORE(true),
        STORE_BY_SYSTEM_CALL(true);

        final boolean writes;

        Kind(boolean writes) {
            this.writes = writes;
        }
    }

    private static final List<Kind> LOADS_AND_STORES = List.of(Kind.values());
    private static final List<Kind> STORES =
            LOADS_AND_STORES.stream().filter(kind -> kind.writes).toList();

    /** Bytes of one mapping (0 or 1) that are read or written. */
    record Access(Kind kind, int mapping, long offset, long length) {}

    static AccessPlan of(long seed, int count, long pageCount, boolean loads) {
        Random random = new Random(seed);
        List<Access> accesses = new ArrayList<>();
        for (int i = 0; i < count; i++) accesses.add(access(random, pageCount, loads));
        return new AccessPlan(accesses);
    }

    private static Access access(Random random, long pageCount, boolean loads) {
        List<Kind> kinds = loads ? LOADS_AND_STORES : STORES;
        Kind kind = kinds.get(random.nextInt(kinds.size()));
        int mapping = random.nextInt(2);
        long offset = random.nextLong(pageCount * PAGE);
        boolean single = kind == Kind.LOAD || kind == Kind.STORE;
        long length = single ? 1 : Math.min(1 + random.nextLong((long) MOST_PAGES * PAGE), pageCount * PAGE - offset);
        return new Access(kind, mapping, offset, length);
    }

    PageSet written(long pageCount) {
        return touched(pageCount, true);
    }

    PageSet referenced(long pageCount) {
        return touched(pageCount, false);
    }

    private PageSet touched(long pageCount, boolean writesOnly) {
        PageSet pages = new PageSet(pageCount);
        for (Access access : accesses) {
            if (writesOnly && !access.kind.writes) continue;
            long firstPage = access.offset / PAGE;
            pages.addRange(firstPage, (access.offset + access.length - 1) / PAGE - firstPage + 1);
        }
        return pages;
    }
}
