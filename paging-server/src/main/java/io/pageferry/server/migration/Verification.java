package io.pageferry.server.migration;

import java.util.Locale;

/** How far the target is with comparing what it holds, which the source waits for before it switches over. */
enum Verification {
    ASKED,
    PASSED;

    /** The word in the API. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
