package io.pageferry.examples.kv.command;

/** Times as clients give them. */
final class Times {
    /** The time given does not fit. */
    static final long OVERFLOW = Long.MIN_VALUE;

    private Times() {}

    /** A time in milliseconds since {@code baseMs}, or {@link #OVERFLOW}. */
    static long absoluteMs(long value, boolean seconds, long baseMs) {
        try {
            return Math.addExact(seconds ? Math.multiplyExact(value, 1000L) : value, baseMs);
        } catch (ArithmeticException overflow) {
            return OVERFLOW;
        }
    }
}
