package io.pageferry.examples.kv.resp;

import java.util.OptionalLong;

/** Whole numbers as decimal digits in bytes. */
public final class Decimal {
    /** The longest number, in bytes. */
    public static final int MAX_BYTES = 20;

    private Decimal() {}

    /** Writes a number. @return how many bytes it took */
    public static int write(long value, byte[] to, int at) {
        if (value == Long.MIN_VALUE) {
            byte[] text = Long.toString(value).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, to, at, text.length);
            return text.length;
        }
        int sign = value < 0 ? 1 : 0;
        if (sign == 1) to[at] = '-';
        long rest = Math.abs(value);
        int digits = digits(rest);
        for (int i = at + sign + digits - 1; i >= at + sign; i--) {
            to[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return sign + digits;
    }

    /** Reads a number as Redis does: an optional minus, no leading zero, nothing else; empty if it is not one. */
    public static OptionalLong read(byte[] bytes, int at, int length) {
        if (length == 0 || length > MAX_BYTES) return OptionalLong.empty();
        boolean negative = bytes[at] == '-';
        int first = negative ? at + 1 : at;
        int end = at + length;
        if (first == end) return OptionalLong.empty();
        if (bytes[first] == '0') return length == 1 ? OptionalLong.of(0) : OptionalLong.empty();
        long value = 0; // kept negative, since there is one more of those
        for (int i = first; i < end; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) return OptionalLong.empty();
            if (value < (Long.MIN_VALUE + digit) / 10) return OptionalLong.empty();
            value = value * 10 - digit;
        }
        if (negative) return OptionalLong.of(value);
        return value == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(-value);
    }

    private static int digits(long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) digits++;
        return digits;
    }
}
