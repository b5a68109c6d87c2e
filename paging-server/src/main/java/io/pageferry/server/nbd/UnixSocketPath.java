package io.pageferry.server.nbd;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file of a Unix socket: replaced if nobody listens on it, never if somebody does. */
final class UnixSocketPath {
    private static final System.Logger LOG = System.getLogger(UnixSocketPath.class.getName());

    private UnixSocketPath() {}

    static void prepare(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (java.net.ConnectException nobodyListens) {
            Files.delete(path);
            return;
        }
        throw new IOException("another process listens on " + path + ": stop it, or use another path");
    }

    static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot remove " + path, e);
        }
    }
}
