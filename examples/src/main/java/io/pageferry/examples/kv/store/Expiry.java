package io.pageferry.examples.kv.store;

/**
 * What writing a value does to its key's deadline.
 *
 * @param mode what to do
 * @param timeMs when the key expires, in milliseconds since 1970, for {@link Mode#AT}
 */
public record Expiry(Mode mode, long timeMs) {
    /** The ways. */
    public enum Mode {
        NONE,
        KEEP,
        AT
    }

    /** The key does not expire. */
    public static final Expiry NONE = new Expiry(Mode.NONE, 0);
    /** The key keeps the deadline that it has. */
    public static final Expiry KEEP = new Expiry(Mode.KEEP, 0);

    /** The key expires at this time. */
    public static Expiry at(long timeMs) {
        return new Expiry(Mode.AT, timeMs);
    }
}
