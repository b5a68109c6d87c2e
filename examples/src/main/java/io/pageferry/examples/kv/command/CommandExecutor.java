package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.resp.RequestReader;
import io.pageferry.examples.kv.store.KvStore;
import io.pageferry.examples.kv.store.StoreFullException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Does commands on a store, one at a time. Whatever a command is, it gets exactly one reply. */
public final class CommandExecutor {
    private static final String STORE_FULL = "OOM command not allowed when used memory > 'maxmemory'.";
    private static final int MAX_ARGUMENTS_SHOWN_BYTES = 128;

    private static final String PAGE_LOST = "IOERR a page of the store's memory is lost";
    private static final String READ_ONLY =
            "MISCONF a change met a page of the store's memory that is lost: the store is read-only now";
    private static final Logger LOG = System.getLogger(CommandExecutor.class.getName());

    private final KvStore store;

    public CommandExecutor(KvStore store) {
        this.store = store;
    }

    /**
     * Does the command that the reader is at.
     *
     * @param timeMs the time in milliseconds since 1970
     */
    public void execute(RequestReader reader, ReplyWriter reply, Session session, long timeMs) {
        Request request = new Request(reader);
        CommandSpec spec = CommandTable.find(request);
        int begin = reply.sizeBytes();
        if (spec == null) {
            reply.error(unknown(request));
        } else if (!spec.takes(request.count())) {
            reply.error("ERR wrong number of arguments for '" + spec.lowerCaseName() + "' command");
        } else if (spec.isWrite() && store.isDamaged()) {
            reply.error(READ_ONLY);
        } else {
            try {
                store.begin(timeMs);
                spec.handler().run(store, request, reply, session);
            } catch (StoreFullException full) {
                reply.cutTo(begin);
                reply.error(STORE_FULL);
            } catch (CommandException refused) {
                reply.cutTo(begin);
                reply.error(String.valueOf(refused.getMessage()));
            } catch (InternalError fault) {
                // What the JVM makes of a page that its agent could not have and has marked so.
                LOG.log(Level.ERROR, "'" + spec.lowerCaseName() + "' touched a page that is lost", fault);
                store.metLostPage(spec.isWrite());
                reply.cutTo(begin);
                reply.error(PAGE_LOST);
            }
        }
    }

    private static String unknown(Request request) {
        StringBuilder text = new StringBuilder("ERR unknown command '")
                .append(request.excerpt(0, MAX_ARGUMENTS_SHOWN_BYTES))
                .append("', with args beginning with: ");
        int begin = text.length();
        for (int i = 1; i < request.count() && text.length() - begin < MAX_ARGUMENTS_SHOWN_BYTES; i++) {
            text.append('\'')
                    .append(request.excerpt(i, MAX_ARGUMENTS_SHOWN_BYTES - (text.length() - begin)))
                    .append("' ");
        }
        return text.toString();
    }
}
