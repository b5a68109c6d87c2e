package io.pageferry.agent.cli;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** A time as an option's value, written such as {@code 300ms} or {@code 1.5s}. */
record Milliseconds(long count) {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)\\s?(ms|s)");

    static Milliseconds parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.strip());
        if (matcher.matches()) {
            BigDecimal factor = BigDecimal.valueOf(matcher.group(2).equals("s") ? 1000 : 1);
            BigDecimal count = new BigDecimal(matcher.group(1)).multiply(factor).stripTrailingZeros();
            if (count.scale() <= 0) {
                return new Milliseconds(count.longValueExact());
            }
        }
        throw new TypeConversionException(
                "'" + text + "' is not a time: write whole milliseconds, such as 300ms or 1.5s");
    }
}
