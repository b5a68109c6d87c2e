package io.pageferry.agent;

import java.util.Locale;

/** How pages go between an agent and the paging spaces; the words are those of {@code --path}. */
public enum PathChoice {
    /** Direct where the server is on this host, else NBD. */
    AUTO,
    NBD,
    /** Direct, or not at all; but a direct path that breaks in the middle gives way to NBD here too. */
    DIRECT;

    /** The choice that a migration makes, {@code auto} included, or this one where it says nothing. */
    PathChoice unless(String word) {
        return word.isEmpty() ? this : valueOf(word.toUpperCase(Locale.ROOT));
    }
}
