package io.pageferry.heat;

import java.util.Locale;
import java.util.Optional;

/**
 * The order in which pages go out, and come in. Pages are put into a few groups; the groups go one after the other, and
 * within a group pages go by address.
 */
public enum Order {
    /**
     * Read-only pages from hot to cold, then read-write pages from cold to hot: what is most likely to be written again goes
     * last (US8984240B2). The heat of a read-write page is how often it is written; those that are written rarely go with the
     * read-only ones, and these are ranked by extents of {@link #EXTENT_PAGES}, so that runs stay long.
     */
    HOT_COLD(HeatClass.COUNT + HeatMap.WRITE_STEPS - 1) {
        @Override
        int group(HeatMap heat, boolean declaredReadOnly, long pageIndex) {
            int writes = declaredReadOnly ? 0 : heat.writeStep(pageIndex);
            return writes == 0
                    ? HeatClass.COUNT
                            - 1
                            - heat.useOfExtent(pageIndex, EXTENT_PAGES).code()
                    : HeatClass.COUNT - 1 + writes;
        }
    },
    /** By address alone. */
    ADDRESS(1) {
        @Override
        int group(HeatMap heat, boolean declaredReadOnly, long pageIndex) {
            return 0;
        }
    },
    /** From hot to cold, whatever the access. */
    HOT_FIRST(HeatClass.COUNT) {
        @Override
        int group(HeatMap heat, boolean declaredReadOnly, long pageIndex) {
            return HeatClass.COUNT
                    - 1
                    - heat.useOfExtent(pageIndex, SMALL_EXTENT_PAGES).code();
        }
    };

    private static final int EXTENT_PAGES = 64;
    private static final int SMALL_EXTENT_PAGES = 8;

    private final int groupCount;

    Order(int groupCount) {
        this.groupCount = groupCount;
    }

    /** How many groups there are. */
    int groupCount() {
        return groupCount;
    }

    /** The group of a page: those of group 0 go first. */
    abstract int group(HeatMap heat, boolean declaredReadOnly, long pageIndex);

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
