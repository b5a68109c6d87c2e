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
     * last (US8984240B2). The heat of a read-write page is how often it is written. In: as {@link #HOT_FIRST}.
     */
    HOT_COLD(HeatClass.COUNT + HeatMap.WRITE_STEPS) {
        @Override
        int group(HeatMap heat, boolean declaredReadOnly, long pageIndex) {
            return declaredReadOnly || heat.isObservedReadOnly(pageIndex)
                    ? HeatClass.COUNT - 1 - heat.use(pageIndex).code()
                    : HeatClass.COUNT + heat.writeStep(pageIndex);
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
            return HeatClass.COUNT - 1 - heat.use(pageIndex).code();
        }
    };

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
