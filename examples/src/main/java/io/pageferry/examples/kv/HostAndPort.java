package io.pageferry.examples.kv;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An endpoint as users write it: {@code 127.0.0.1:6379}, {@code [::1]:6379}; port 0 for any. */
record HostAndPort(String host, int port) {
    private static final int MAX_PORT = 65535;

    /** The endpoint as text. */
    String text() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    HostAndPort withPort(int actual) {
        return new HostAndPort(host, actual);
    }

    /** Reads one from the command line. */
    static final class Converter implements ITypeConverter<HostAndPort> {
        @Override
        public HostAndPort convert(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 1) throw wrong(text);
            String host = text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port < 0 || port > MAX_PORT || host.isEmpty()) throw wrong(text);
                return new HostAndPort(host, port);
            } catch (NumberFormatException notANumber) {
                throw wrong(text);
            }
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("'" + text + "' is not HOST:PORT, such as 127.0.0.1:6379");
        }
    }
}
