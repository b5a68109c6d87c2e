package io.pageferry.agent.cli;

import io.pageferry.heat.Order;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of an order. */
final class OrderConverter implements ITypeConverter<Order> {
    @Override
    public Order convert(String word) {
        return Order.ofWord(word)
                .orElseThrow(() ->
                        new TypeConversionException("'" + word + "' is no order; give hot-cold, address or hot-first"));
    }
}
