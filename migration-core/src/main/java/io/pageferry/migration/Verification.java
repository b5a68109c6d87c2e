package io.pageferry.migration;

import java.util.Locale;
import java.util.Optional;

/** How far the target is with comparing what it holds with the manifest, which the source waits for before it switches over. */
public enum Verification {
    /** Nobody has asked. */
    NONE,
    /** The source waits for it, and writes nothing into the space. */
    ASKED,
    /** All that the target held then matches. */
    PASSED;

    /** The word in the API; none where nobody has asked. */
    public Optional<String> word() {
        return this == NONE ? Optional.empty() : Optional.of(name().toLowerCase(Locale.ROOT));
    }

    /** By its word; what is not one is {@link #NONE}. */
    public static Verification ofWord(String word) {
        for (Verification each : values()) {
            if (each.word().filter(word::equals).isPresent()) return each;
        }
        return NONE;
    }
}
