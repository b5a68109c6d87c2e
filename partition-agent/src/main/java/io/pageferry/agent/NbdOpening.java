package io.pageferry.agent;

import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.nbd.OptionReply;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdFailure;
import io.pageferry.nbd.client.NbdRefusedException;
import io.pageferry.nbd.client.NbdUri;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Consumer;

/** Opens paging spaces over NBD. */
final class NbdOpening {
    private static final Logger LOG = System.getLogger(NbdOpening.class.getName());

    private NbdOpening() {}

    /**
     * Opens a space by the first of several ways to it that does not lead to another server.
     *
     * @param opened is told which it was
     * @throws MigrationFailedException if it cannot be opened
     */
    static NbdClient open(List<NbdUri> ways, NbdClientOptions options, Consumer<NbdUri> opened) {
        try {
            return openFirst(ways, options, opened);
        } catch (NbdFailure failure) {
            throw new MigrationFailedException("cannot open the paging space: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MigrationCancelledException();
        }
    }

    private static NbdClient openFirst(List<NbdUri> ways, NbdClientOptions options, Consumer<NbdUri> opened)
            throws NbdFailure, InterruptedException {
        for (NbdUri way : ways.subList(0, ways.size() - 1)) {
            try {
                return open(way, options, opened);
            } catch (NbdRefusedException refused) {
                if (refused.reply() != OptionReply.ERR_UNKNOWN) throw refused;
                LOG.log(Level.WARNING, "{0}: {1}; trying another way", way, refused.getMessage());
            }
        }
        return open(ways.getLast(), options, opened);
    }

    private static NbdClient open(NbdUri way, NbdClientOptions options, Consumer<NbdUri> opened)
            throws NbdFailure, InterruptedException {
        NbdClient client = NbdClient.connect(way, options);
        opened.accept(way);
        return client;
    }
}
