package io.pageferry.examples.kv;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size as users write it: {@code 536870912}, {@code 512M}, {@code 1G}, {@code 1GiB}; units are powers of 1024. */
final class ByteSize implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([KMGT]?)(I?B)?");

    @Override
    public Long convert(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) throw new TypeConversionException("'" + text + "' is not a size such as 512M or 1G");
        int shift = 10 * " KMGT".indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2));
        long value = Long.parseLong(matcher.group(1));
        if (value > Long.MAX_VALUE >> shift) throw new TypeConversionException("'" + text + "' is too large");
        return value << shift;
    }
}
