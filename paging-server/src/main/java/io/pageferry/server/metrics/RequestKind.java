package io.pageferry.server.metrics;

import java.util.Locale;

/** The commands of an NBD client that are counted apart; the label value is the name in lower case. */
public enum RequestKind {
    READ,
    WRITE,
    FLUSH,
    TRIM,
    CACHE,
    WRITE_ZEROES,
    BLOCK_STATUS;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The value of the {@code command} label, such as {@code write_zeroes}. */
    public String label() {
        return label;
    }
}
