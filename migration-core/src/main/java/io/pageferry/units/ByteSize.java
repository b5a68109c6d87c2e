package io.pageferry.units;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people write them: {@code 4096}, {@code 512M}, {@code 1.5GiB}. A unit is a power of 1024, as memory is counted; the
 * decimal units (kB, MB, GB) are refused, since half of those who write them mean the others.
 */
public final class ByteSize {
    private static final String UNITS = "KMGTPE";
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)\\s?([KMGTPE]?)(I?B)?");
    private static final BigInteger LARGEST = BigInteger.valueOf(Long.MAX_VALUE);

    private ByteSize() {}

    /**
     * The size in bytes, 0 to 2^63 - 1; letters may be of either case.
     *
     * @throws IllegalArgumentException where the text is no size; the message says what a size looks like
     */
    public static long parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw refused(text, "write a number of bytes, or one with a unit: 4096, 512M, 1G, 1.5GiB");
        }
        String unit = matcher.group(2);
        String suffix = matcher.group(3) == null ? "" : matcher.group(3);
        if (!unit.isEmpty() && suffix.equals("B")) {
            throw refused(text, unit + "B could be decimal: write " + unit + "iB, or " + unit + " alone");
        }
        if (unit.isEmpty() && suffix.equals("IB")) {
            throw refused(text, "iB needs a unit before it: KiB, MiB, GiB, TiB");
        }
        BigDecimal bytes =
                new BigDecimal(matcher.group(1)).multiply(new BigDecimal(scale(UNITS.indexOf(unit) + 1, unit)));
        return exact(text, bytes);
    }

    private static BigInteger scale(int power, String unit) {
        return BigInteger.ONE.shiftLeft(unit.isEmpty() ? 0 : 10 * power);
    }

    private static long exact(String text, BigDecimal bytes) {
        if (bytes.stripTrailingZeros().scale() > 0) {
            throw refused(text, "it is no whole number of bytes");
        }
        if (bytes.toBigInteger().compareTo(LARGEST) > 0) {
            throw refused(text, "the largest size is 2^63 - 1 bytes");
        }
        return bytes.longValueExact();
    }

    /** For people: {@code 512 B}, {@code 4 KiB}, {@code 1.5 GiB}; one decimal at most, and rounded where that is not exact. */
    public static String format(long sizeBytes) {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a size is not negative: " + sizeBytes);
        }
        int power = 0;
        // 1023.95 and more would be printed as 1024.0: the next unit up says it better.
        while (power < UNITS.length() && sizeBytes >= 1023.95 * Math.scalb(1.0, 10 * power)) {
            power++;
        }
        if (power == 0 || sizeBytes < 1024) {
            return sizeBytes + " B";
        }
        String figure = BigDecimal.valueOf(sizeBytes)
                .divide(new BigDecimal(BigInteger.ONE.shiftLeft(10 * power)), 1, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
        return figure + " " + UNITS.charAt(power - 1) + "iB";
    }

    private static IllegalArgumentException refused(String text, String hint) {
        return new IllegalArgumentException("'" + text + "' is not a size: " + hint);
    }
}
