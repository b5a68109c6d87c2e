package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.pageferry.nbd.BlockSizes;
import io.pageferry.nbd.InfoType;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;
import io.pageferry.server.pool.Pool;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers options, and remembers what was agreed on. Options that ask about spaces are answered on a worker, one at a
 * time, since the handshake takes no next option before.
 */
final class Negotiation {
    /** What comes after an option. */
    record Outcome(@Nullable NbdConnection connection, boolean ends) {
        static final Outcome NEXT_OPTION = new Outcome(null, false);
        static final Outcome CLOSE = new Outcome(null, true);
    }

    private static final System.Logger LOG = System.getLogger(Negotiation.class.getName());

    private final ServerContext server;
    private final OptionReplies replies;
    private final boolean zeroesAfterExportName;
    private boolean structuredReplies;
    private Set<MetaContext> contexts = EnumSet.noneOf(MetaContext.class);
    private String contextsExport = "";

    Negotiation(ServerContext server, OptionReplies replies, boolean zeroesAfterExportName) {
        this.server = server;
        this.replies = replies;
        this.zeroesAfterExportName = zeroesAfterExportName;
    }

    /** Answers one option; {@code data} is valid during the call. Completes on the event loop. */
    CompletableFuture<Outcome> take(int code, ByteBuf data) {
        NbdOption option = NbdOption.of(code);
        if (option == null) {
            return refuse(code, OptionReply.ERR_UNSUP, "this server does not know option " + code);
        }
        try {
            return switch (option) {
                case EXPORT_NAME -> exportName(OptionData.wholeString(data));
                case ABORT -> abort(code);
                case LIST -> list(code, data);
                case INFO -> info(code, OptionData.infoRequest(data), false);
                case GO -> info(code, OptionData.infoRequest(data), true);
                case STRUCTURED_REPLY -> structuredReply(code, data);
                case LIST_META_CONTEXT -> listContexts(code, OptionData.contextQueries(data));
                case SET_META_CONTEXT -> {
                    contexts = EnumSet.noneOf(MetaContext.class); // also when the option fails
                    yield setContexts(code, OptionData.contextQueries(data));
                }
                case STARTTLS -> refuse(code, OptionReply.ERR_POLICY, "this server does not offer TLS");
                default -> refuse(code, OptionReply.ERR_UNSUP, "this server does not support " + option);
            };
        } catch (OptionData.MalformedException e) {
            if (option == NbdOption.EXPORT_NAME) {
                return CompletableFuture.completedFuture(Outcome.CLOSE);
            }
            return refuse(code, OptionReply.ERR_INVALID, e.getMessage());
        }
    }

    void tooBig(int code, int maxBytes) {
        replies.error(code, OptionReply.ERR_TOO_BIG, "an option has at most " + maxBytes + " bytes of data here");
    }

    /** Turns the client away, since the server serves as many as it may. */
    void refuse(int code, int maxConnections) {
        if (code != NbdOption.EXPORT_NAME.code()) {
            replies.error(
                    code,
                    OptionReply.ERR_POLICY,
                    "the server has its limit of " + maxConnections + " connections: close some, or retry later");
        }
    }

    private CompletableFuture<Outcome> refuse(int code, OptionReply error, @Nullable String message) {
        replies.error(code, error, String.valueOf(message));
        return next();
    }

    private CompletableFuture<Outcome> next() {
        return CompletableFuture.completedFuture(Outcome.NEXT_OPTION);
    }

    private CompletableFuture<Outcome> abort(int code) {
        replies.ack(code);
        return CompletableFuture.completedFuture(Outcome.CLOSE);
    }

    private CompletableFuture<Outcome> structuredReply(int code, ByteBuf data) {
        OptionData.end(data);
        structuredReplies = true;
        replies.ack(code);
        return next();
    }

    private CompletableFuture<Outcome> list(int code, ByteBuf data) {
        OptionData.end(data);
        return onWorker(() -> {
            for (Pool.SpaceInfo space : server.exports().list()) {
                replies.server(code, space.name());
            }
            replies.ack(code);
            return Outcome.NEXT_OPTION;
        });
    }

    private CompletableFuture<Outcome> exportName(String name) {
        return onWorker(() -> {
            try {
                NbdConnection connection = admit(name);
                Export export = connection.export();
                int flags = export.transmissionFlags(structuredReplies);
                replies.exportNameReply(export.space().sizeBytes(), flags, zeroesAfterExportName);
                return new Outcome(connection, false);
            } catch (ExportRefusedException e) {
                return Outcome.CLOSE; // the option has no error reply
            }
        });
    }

    private CompletableFuture<Outcome> info(int code, OptionData.InfoRequest request, boolean go) {
        return onWorker(() -> {
            try {
                if (!go) {
                    try (Export export = server.exports().open(request.exportName())) {
                        describe(code, request, export);
                        return Outcome.NEXT_OPTION;
                    }
                }
                NbdConnection connection = admit(request.exportName());
                describe(code, request, connection.export());
                return new Outcome(connection, false);
            } catch (ExportRefusedException e) {
                replies.error(code, e.reply(), String.valueOf(e.getMessage()));
                return Outcome.NEXT_OPTION;
            }
        });
    }

    private void describe(int code, OptionData.InfoRequest request, Export export) {
        replies.exportInfo(code, export.space().sizeBytes(), export.transmissionFlags(structuredReplies));
        if (request.infoTypes().contains(InfoType.NAME)) {
            replies.textInfo(code, InfoType.NAME, export.space().name());
        }
        if (request.infoTypes().contains(InfoType.DESCRIPTION)) {
            replies.textInfo(
                    code, InfoType.DESCRIPTION, "paging space " + export.space().name());
        }
        if (request.infoTypes().contains(InfoType.BLOCK_SIZE)) {
            replies.blockSizes(code, BlockSizes.UNANNOUNCED); // ours are the defaults
        }
        replies.ack(code);
    }

    private NbdConnection admit(String requested) {
        List<MetaContext> selected = requested.equals(contextsExport) ? List.copyOf(contexts) : List.of();
        return server.connections()
                .admit(() -> new NbdConnection(
                        replies.channel(), server.exports().open(requested), structuredReplies, selected));
    }

    private CompletableFuture<Outcome> listContexts(int code, OptionData.ContextQueries request) {
        if (!structuredReplies) {
            return refuse(code, OptionReply.ERR_INVALID, "negotiate structured replies first");
        }
        return forExport(code, request.exportName(), export -> {
            for (MetaContext context : MetaContext.values()) {
                if (request.queries().isEmpty()
                        || request.queries().stream().anyMatch(query -> context.matches(query, true))) {
                    replies.metaContext(code, 0, context.contextName());
                }
            }
        });
    }

    private CompletableFuture<Outcome> setContexts(int code, OptionData.ContextQueries request) {
        if (!structuredReplies) {
            return refuse(code, OptionReply.ERR_INVALID, "negotiate structured replies first");
        }
        return forExport(code, request.exportName(), export -> {
            Set<MetaContext> selected = EnumSet.noneOf(MetaContext.class);
            for (String query : request.queries()) {
                MetaContext context = MetaContext.selectedBy(query);
                if (context != null && selected.add(context)) {
                    replies.metaContext(code, context.id(), context.contextName());
                }
            }
            contexts = selected;
            contextsExport = request.exportName();
        });
    }

    /** Runs an action if the export can be had, then acknowledges; or sends why it cannot. */
    private CompletableFuture<Outcome> forExport(int code, String name, Consumer<Export> action) {
        return onWorker(() -> {
            try (Export export = server.exports().open(name)) {
                action.accept(export);
                replies.ack(code);
            } catch (ExportRefusedException e) {
                replies.error(code, e.reply(), String.valueOf(e.getMessage()));
            }
            return Outcome.NEXT_OPTION;
        });
    }

    private CompletableFuture<Outcome> onWorker(Supplier<Outcome> work) {
        // Back on the event loop, behind the replies that the worker has handed to it.
        return CompletableFuture.supplyAsync(work, server.workers().opening())
                .handleAsync(Negotiation::orClose, replies.channel().eventLoop());
    }

    private static Outcome orClose(@Nullable Outcome outcome, @Nullable Throwable failure) {
        if (outcome == null) {
            LOG.log(System.Logger.Level.WARNING, "an option could not be answered", failure);
            return Outcome.CLOSE;
        }
        return outcome;
    }
}
