package io.pageferry.server.pool;

import java.util.regex.Pattern;

/** What a space may be called: it is a file name, an export name and a part of a URL at once. */
public final class SpaceName {
    /** The longest name, in characters. */
    public static final int MAX_LENGTH = 64;

    private static final Pattern RULE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private SpaceName() {}

    public static boolean isValid(String name) {
        return RULE.matcher(name).matches();
    }

    /** The name again. @throws PoolException (INVALID) where it is no name for a space */
    public static String check(String name) {
        if (isValid(name)) {
            return name;
        }
        throw new PoolException(
                PoolException.Reason.INVALID,
                "'" + name + "' is not a name for a space: use 1 to " + MAX_LENGTH
                        + " letters, digits, '.', '_' or '-', beginning with a letter or digit");
    }
}
