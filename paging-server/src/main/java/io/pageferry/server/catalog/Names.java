package io.pageferry.server.catalog;

import java.util.regex.Pattern;

/** What names may look like: they become file names, export names and parts of URLs. */
public final class Names {
    public static final int MAX_SPACE_NAME = 100;
    public static final int MAX_HOLDER = 200;

    private static final Pattern SPACE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private Names() {}

    /**
     * Returns the name of a space if it may be one.
     *
     * @throws IllegalArgumentException if it is not 1 to 100 letters, digits, dots, dashes and underscores, a letter or
     *     digit first
     */
    public static String requireSpaceName(String name) {
        if (name.length() > MAX_SPACE_NAME || !SPACE_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name for a space: \"" + printable(name) + "\"; use 1 to "
                    + MAX_SPACE_NAME + " letters, digits, dots, dashes and underscores, a letter or digit first");
        }
        return name;
    }

    /**
     * Returns the name of a holder if it may be one.
     *
     * @throws IllegalArgumentException if it is blank, longer than 200 characters or holds control characters
     */
    public static String requireHolder(String holder) {
        if (holder.isBlank() || holder.length() > MAX_HOLDER || holder.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("not a name for a holder: \"" + printable(holder) + "\"; use 1 to "
                    + MAX_HOLDER + " printable characters");
        }
        return holder;
    }

    private static String printable(String text) {
        String shown = text.length() > MAX_HOLDER ? text.substring(0, MAX_HOLDER) + "..." : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
