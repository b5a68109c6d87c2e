package io.pageferry.agent;

import io.pageferry.direct.DirectClient;
import io.pageferry.direct.DirectException;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.OpenRequest;
import io.pageferry.linux.LinuxException;
import io.pageferry.migration.MigrationFailedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Opens the direct path where it is wanted and can be had.
 *
 * @param choice what becomes of a migration where it cannot
 * @param socket where the server says it serves it; it may be on another host
 * @param server which server that is
 */
record DirectOpening(PathChoice choice, Optional<Path> socket, Optional<UUID> server) {
    private static final Logger LOG = System.getLogger(DirectOpening.class.getName());

    /**
     * Opens a space by it; empty where pages go by NBD instead.
     *
     * @param path takes the open client over
     * @throws MigrationFailedException if it cannot be had, and NBD is not to stand in
     */
    <P> Optional<P> open(OpenRequest request, Function<DirectClient, P> path) {
        if (choice == PathChoice.NBD) return Optional.empty();
        Optional<Path> here = socket.filter(Files::exists);
        if (here.isEmpty()) {
            if (choice == PathChoice.AUTO) return Optional.empty();
            throw new MigrationFailedException("the paging server serves no direct path on this host: start it with"
                    + " --direct PATH, or let the path be chosen (--path auto)");
        }
        try {
            return Optional.of(open(here.get(), request, path));
        } catch (DirectException | LinuxException failure) {
            String why = "cannot open the paging space by the direct path: " + failure.getMessage();
            if (choice == PathChoice.DIRECT) throw new MigrationFailedException(why, failure);
            LOG.log(Level.WARNING, "{0}; going by NBD", why);
            return Optional.empty();
        }
    }

    private <P> P open(Path here, OpenRequest request, Function<DirectClient, P> path) {
        DirectClient client = DirectClient.connect(here, request);
        try {
            requireSameServer(here, client);
            return path.apply(client);
        } catch (RuntimeException failure) {
            client.close();
            throw failure;
        }
    }

    /** Invariant: pages go to the server that has this migration: on another host the same path may be another server's. */
    private void requireSameServer(Path here, DirectClient client) {
        if (server.filter(client.server()::equals).isPresent()) return;
        throw new DirectException(
                DirectStatus.REFUSED,
                "at " + here + " is another paging server than the one that this agent works for");
    }
}
