package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The handshake that opens an export: STRUCTURED_REPLY, SET_META_CONTEXT, GO. A peer that lacks structured replies or
 * metadata contexts is used without them; one that lacks GO is sent EXPORT_NAME.
 */
final class EnterPlan implements HandshakePlan<ExportInfo> {
    private static final Step<ExportInfo> WAIT = new Wait<>();

    private final String export;
    private final List<String> wantedContexts;
    private final ExportInfoReader info;
    private final Map<Integer, String> contexts = new HashMap<>();
    private boolean structured;

    EnterPlan(String export, List<String> wantedContexts) {
        this.export = export;
        this.wantedContexts = wantedContexts;
        this.info = new ExportInfoReader(export);
    }

    @Override
    public Step<ExportInfo> first(boolean fixedNewstyle) {
        return fixedNewstyle ? new Send<>(NbdOption.STRUCTURED_REPLY, Unpooled.EMPTY_BUFFER) : exportName();
    }

    @Override
    public Step<ExportInfo> reply(NbdOption option, int replyType, ByteBuf data) throws NbdFailure {
        if (replyType == OptionReply.ERR_TLS_REQD.code() || replyType == OptionReply.ERR_SHUTDOWN.code()) {
            throw new NbdRefusedException(option, replyType, HandshakePlan.text(data));
        }
        return switch (option) {
            case STRUCTURED_REPLY -> structuredReply(replyType);
            case SET_META_CONTEXT -> contextReply(replyType, data);
            case GO -> goReply(replyType, data);
            default -> throw new IllegalStateException("never sent: " + option);
        };
    }

    private Step<ExportInfo> structuredReply(int replyType) throws NbdFailure {
        structured = isAck(NbdOption.STRUCTURED_REPLY, replyType);
        return structured && !wantedContexts.isEmpty()
                ? new Send<>(NbdOption.SET_META_CONTEXT, OptionData.contexts(export, wantedContexts))
                : go();
    }

    private Step<ExportInfo> contextReply(int replyType, ByteBuf data) throws NbdFailure {
        if (replyType != OptionReply.META_CONTEXT.code()) {
            if (!isAck(NbdOption.SET_META_CONTEXT, replyType)) {
                contexts.clear();
            }
            return go();
        }
        if (data.readableBytes() < Integer.BYTES) {
            throw new NbdProtocolException("an NBD_REP_META_CONTEXT without an id");
        }
        int id = data.readInt();
        String name = data.toString(StandardCharsets.UTF_8);
        if (!wantedContexts.contains(name) || contexts.containsValue(name) || contexts.putIfAbsent(id, name) != null) {
            throw new NbdProtocolException("the server selected the context '" + name + "', not asked for, or twice");
        }
        return WAIT;
    }

    private Step<ExportInfo> goReply(int replyType, ByteBuf data) throws NbdFailure {
        if (replyType == OptionReply.INFO.code()) {
            info.accept(data);
            return WAIT;
        }
        if (replyType == OptionReply.ERR_UNSUP.code()) {
            return exportName();
        }
        if (OptionReply.isError(replyType)) {
            throw new NbdRefusedException(NbdOption.GO, replyType, HandshakePlan.text(data));
        }
        isAck(NbdOption.GO, replyType);
        return new Done<>(info.finish(structured, contexts), true);
    }

    @Override
    public Step<ExportInfo> exportNameReply(long sizeBytes, int transmissionFlags) throws NbdFailure {
        info.export(sizeBytes, transmissionFlags);
        return new Done<>(info.finish(structured, contexts), true);
    }

    private Step<ExportInfo> go() {
        return new Send<>(NbdOption.GO, OptionData.info(export));
    }

    private Step<ExportInfo> exportName() {
        return new Send<>(NbdOption.EXPORT_NAME, OptionData.exportName(export));
    }

    private static boolean isAck(NbdOption option, int replyType) throws NbdProtocolException {
        if (replyType != OptionReply.ACK.code() && !OptionReply.isError(replyType)) {
            throw new NbdProtocolException(OptionReply.nameOf(replyType) + " is no answer to NBD_OPT_" + option);
        }
        return replyType == OptionReply.ACK.code();
    }
}
