package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Questions that are answered during the handshake: each takes a connection of its own, and blocks for the answer. */
public final class NbdQueries {
    /** How long connecting and an answer may take. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    /**
     * One export of a server.
     *
     * @param name what to open it by
     * @param description a text for people; may be empty
     */
    public record ListedExport(String name, String description) {}

    private NbdQueries() {}

    /** The exports that the server shows (NBD_OPT_LIST); the export in {@code uri} does not matter. */
    public static List<ListedExport> list(NbdTransport transport, NbdUri uri) throws NbdFailure, InterruptedException {
        return ask(transport, uri, new QueryPlan<>(NbdOption.LIST, Unpooled.EMPTY_BUFFER, new ListAnswer()));
    }

    /** What the server says of the export, without opening it (NBD_OPT_INFO); its contexts are not asked for. */
    public static ExportInfo info(NbdTransport transport, NbdUri uri) throws NbdFailure, InterruptedException {
        ByteBuf data = OptionData.info(uri.export());
        return ask(transport, uri, new QueryPlan<>(NbdOption.INFO, data, new InfoAnswer(uri.export())));
    }

    /**
     * The metadata contexts of the export that match the queries, or all without any (NBD_OPT_LIST_META_CONTEXT).
     */
    public static List<String> metaContexts(NbdTransport transport, NbdUri uri, List<String> queries)
            throws NbdFailure, InterruptedException {
        ByteBuf data = OptionData.contexts(uri.export(), queries);
        return ask(transport, uri, new QueryPlan<>(NbdOption.LIST_META_CONTEXT, data, new ContextAnswer()));
    }

    private static <T> T ask(NbdTransport transport, NbdUri uri, HandshakePlan<T> plan)
            throws NbdFailure, InterruptedException {
        return await(Connector.connect(transport, transport.nextLoop(), uri, LIMIT, plan, null, channel -> {}))
                .value();
    }

    /** Waits for a future that fails with {@link NbdFailure} only. */
    static <T> T await(CompletableFuture<T> future) throws NbdFailure, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NbdFailure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static final class ListAnswer implements QueryPlan.Answer<List<ListedExport>> {
        private final List<ListedExport> exports = new ArrayList<>();

        @Override
        public OptionReply part() {
            return OptionReply.SERVER;
        }

        @Override
        public void add(ByteBuf data) throws NbdFailure {
            long nameBytes = data.readableBytes() < Integer.BYTES ? Long.MAX_VALUE : data.readUnsignedInt();
            if (nameBytes > data.readableBytes()) {
                throw new NbdProtocolException("an NBD_REP_SERVER whose name does not fit into it");
            }
            String name = data.readCharSequence((int) nameBytes, StandardCharsets.UTF_8)
                    .toString();
            exports.add(new ListedExport(name, data.toString(StandardCharsets.UTF_8)));
        }

        @Override
        public List<ListedExport> finish() {
            return List.copyOf(exports);
        }
    }

    private static final class InfoAnswer implements QueryPlan.Answer<ExportInfo> {
        private final ExportInfoReader info;

        InfoAnswer(String export) {
            info = new ExportInfoReader(export);
        }

        @Override
        public OptionReply part() {
            return OptionReply.INFO;
        }

        @Override
        public void add(ByteBuf data) throws NbdFailure {
            info.accept(data);
        }

        @Override
        public ExportInfo finish() throws NbdFailure {
            return info.finish(false, Map.of());
        }
    }

    private static final class ContextAnswer implements QueryPlan.Answer<List<String>> {
        private final List<String> names = new ArrayList<>();

        @Override
        public OptionReply part() {
            return OptionReply.META_CONTEXT;
        }

        @Override
        public void add(ByteBuf data) throws NbdFailure {
            if (data.readableBytes() < Integer.BYTES) {
                throw new NbdProtocolException("an NBD_REP_META_CONTEXT without an id");
            }
            names.add(data.skipBytes(Integer.BYTES).toString(StandardCharsets.UTF_8));
        }

        @Override
        public List<String> finish() {
            return List.copyOf(names);
        }
    }
}
