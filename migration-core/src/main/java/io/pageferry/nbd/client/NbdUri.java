package io.pageferry.nbd.client;

import io.pageferry.nbd.NbdLimits;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where an export is (the NBD project's doc/uri.md): {@code nbd://host[:port]/export} or
 * {@code nbd+unix:///export?socket=PATH}. An export of a paging server may end in {@code ;lease=TOKEN}. TLS is not spoken.
 *
 * @param host the name or address of the server; null with a Unix socket
 * @param port the TCP port; 0 with a Unix socket
 * @param socket the Unix socket; null with TCP
 * @param export the name of the export, decoded; may be empty
 */
public record NbdUri(
        @Nullable String host, int port, @Nullable Path socket, String export) {
    private static final String LEASE = ";lease=";
    private static final String HINT = ": use nbd://HOST[:PORT]/EXPORT or nbd+unix:///EXPORT?socket=PATH";

    /** A TCP address. */
    public static NbdUri tcp(String host, int port, String export) {
        return new NbdUri(host, port, null, export);
    }

    /** A Unix socket address. */
    public static NbdUri unix(Path socket, String export) {
        return new NbdUri(null, 0, socket, export);
    }

    /** Reads a URI; throws {@link IllegalArgumentException} that says what is wrong and what to write. */
    public static NbdUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URI: " + text + HINT, e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String path = uri.getPath() == null ? "" : uri.getPath();
        String export = path.startsWith("/") ? path.substring(1) : path;
        return switch (scheme) {
            case "nbd" -> tcp(hostOf(uri, text), uri.getPort() < 0 ? NbdLimits.DEFAULT_PORT : uri.getPort(), export);
            case "nbd+unix" -> unix(socketOf(uri, text), export);
            case "nbds", "nbds+unix" -> throw new IllegalArgumentException("TLS is not supported: " + text + HINT);
            default -> throw new IllegalArgumentException("not an NBD URI: " + text + HINT);
        };
    }

    private static String hostOf(URI uri, String text) {
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("no host in " + text + HINT);
        }
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static Path socketOf(URI uri, String text) {
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        Path socket = null;
        for (String parameter : query.split("&", -1)) {
            if (parameter.isEmpty()) {
                continue;
            }
            if (!parameter.startsWith("socket=")) {
                throw new IllegalArgumentException("unknown parameter '" + parameter + "' in " + text + HINT);
            }
            String value = parameter.substring("socket=".length()).replace("+", "%2B");
            socket = Path.of(URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
        if (socket == null) {
            throw new IllegalArgumentException("no socket in " + text + HINT);
        }
        return socket;
    }

    /** The same server's export of another name. */
    public NbdUri withExport(String name) {
        return new NbdUri(host, port, socket, name);
    }

    /** The address for logs and messages: a lease's token is not shown. */
    @Override
    public String toString() {
        int lease = export.indexOf(LEASE);
        String shown = lease < 0 ? export : export.substring(0, lease) + LEASE + "...";
        return socket != null
                ? "nbd+unix:///" + shown + "?socket=" + socket
                : "nbd://" + (host != null && host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/" + shown;
    }
}
