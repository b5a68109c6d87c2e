package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.pageferry.nbd.NbdOption;
import java.nio.charset.StandardCharsets;

/** What a handshake wants: which options to send, and what to make of the replies. One object a handshake. */
interface HandshakePlan<T> {
    /** The first option, once the greetings are exchanged. */
    Step<T> first(boolean fixedNewstyle) throws NbdFailure;

    /** What to do after one reply to {@code option}; {@code data} is valid during the call. */
    Step<T> reply(NbdOption option, int replyType, ByteBuf data) throws NbdFailure;

    /** What to do after the answer to EXPORT_NAME, which has a form of its own. */
    Step<T> exportNameReply(long sizeBytes, int transmissionFlags) throws NbdFailure;

    /** What a handshake does next. */
    sealed interface Step<T> {}

    /** Send an option, and wait for its replies. */
    record Send<T>(NbdOption option, ByteBuf data) implements Step<T> {}

    /** Wait for more replies to the same option. */
    record Wait<T>() implements Step<T> {}

    /** The handshake is over; {@code transmits} tells whether transmission follows, or the connection ends. */
    record Done<T>(T result, boolean transmits) implements Step<T> {}

    /** The text of an error reply. */
    static String text(ByteBuf data) {
        return data.toString(StandardCharsets.UTF_8);
    }
}
