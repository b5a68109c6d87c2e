package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;

/** A handshake that asks one question, gathers the answer, and leaves. */
final class QueryPlan<T> implements HandshakePlan<T> {
    /** What an answer consists of. */
    interface Answer<T> {
        /** One reply of {@link #part()}'s type. */
        void add(ByteBuf data) throws NbdFailure;

        /** The reply type of its parts. */
        OptionReply part();

        /** The whole, once the server said that there is no more. */
        T finish() throws NbdFailure;
    }

    private final NbdOption option;
    private final ByteBuf data;
    private final Answer<T> answer;

    QueryPlan(NbdOption option, ByteBuf data, Answer<T> answer) {
        this.option = option;
        this.data = data;
        this.answer = answer;
    }

    @Override
    public Step<T> first(boolean fixedNewstyle) throws NbdFailure {
        if (!fixedNewstyle) {
            throw new NbdRefusedException(option, OptionReply.ERR_UNSUP.code(), "not a fixed newstyle server");
        }
        // Contexts are only told to those who can read structured replies.
        return option == NbdOption.LIST_META_CONTEXT
                ? new Send<>(NbdOption.STRUCTURED_REPLY, Unpooled.EMPTY_BUFFER)
                : new Send<>(option, data);
    }

    @Override
    public Step<T> reply(NbdOption asked, int replyType, ByteBuf replyData) throws NbdFailure {
        if (asked == NbdOption.STRUCTURED_REPLY) {
            return new Send<>(option, data);
        }
        if (OptionReply.isError(replyType)) {
            throw new NbdRefusedException(option, replyType, HandshakePlan.text(replyData));
        }
        if (replyType == OptionReply.ACK.code()) {
            return new Done<>(answer.finish(), false);
        }
        if (replyType != answer.part().code()) {
            throw new NbdProtocolException(OptionReply.nameOf(replyType) + " is no answer to NBD_OPT_" + option);
        }
        answer.add(replyData);
        return new Wait<>();
    }

    @Override
    public Step<T> exportNameReply(long sizeBytes, int transmissionFlags) {
        throw new IllegalStateException("EXPORT_NAME was not sent");
    }
}
