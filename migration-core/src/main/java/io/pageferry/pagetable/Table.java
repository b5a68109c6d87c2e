package io.pageferry.pagetable;

import java.util.Locale;

/** Which of the partition's two page tables. */
public enum Table {
    /** The first: a plain mapping, on which the program runs. */
    PARTITION,
    /** The second: the mapping that serves the program while its memory arrives. */
    MIGRATION;

    /** The name in the attach protocol. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
