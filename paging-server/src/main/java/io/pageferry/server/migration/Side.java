package io.pageferry.server.migration;

import java.util.Locale;

/** One end of a migration. */
public enum Side {
    SOURCE,
    TARGET;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
