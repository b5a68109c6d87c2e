package io.pageferry.heat;

import io.pageferry.page.PageSet;
import java.util.Locale;
import java.util.Optional;

/**
 * The order in which pages go out, and come in. Pages are put into a few groups; the groups go one after the other, and
 * within a group pages go by address.
 */
public enum Order {
    /**
     * Read-only pages from hot to cold, then read-write pages from cold to hot: what is most likely to be written again goes
     * last (US8984240B2). The heat of a read-write page is how often it is written.
     */
    HOT_COLD(OutwardRanking.GROUPS, OutwardRanking.PUT_OFF_GROUPS) {
        @Override
        public Ranking rank(HeatMap heat, PageSet pages) {
            return new OutwardRanking(heat, pages);
        }
    },
    /** By address alone. */
    ADDRESS(1, 0) {
        @Override
        public Ranking rank(HeatMap heat, PageSet pages) {
            return (declaredReadOnly, pageIndex) -> 0;
        }
    },
    /** From hot to cold, whatever the access. */
    HOT_FIRST(HotFirstRanking.GROUPS, 0) {
        @Override
        public Ranking rank(HeatMap heat, PageSet pages) {
            return new HotFirstRanking(heat, pages);
        }
    };

    private final int groupCount;
    private final int putOffGroups;

    Order(int groupCount, int putOffGroups) {
        this.groupCount = groupCount;
        this.putOffGroups = putOffGroups;
    }

    /** How many groups there are. */
    int groupCount() {
        return groupCount;
    }

    /**
     * How many groups at the end hold pages that are written so often that they are likely to be dirty again by the switchover:
     * they may be put off until shortly before, and those of the very last group until the program has come to rest.
     */
    int putOffGroups() {
        return putOffGroups;
    }

    /** Prepares to rank these pages. */
    public abstract Ranking rank(HeatMap heat, PageSet pages);

    /** This order for the way in. */
    public Order inward() {
        return this == HOT_COLD ? HOT_FIRST : this;
    }

    /** The name in options. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Order> ofWord(String word) {
        for (Order order : values()) {
            if (order.word().equals(word)) return Optional.of(order);
        }
        return Optional.empty();
    }
}
