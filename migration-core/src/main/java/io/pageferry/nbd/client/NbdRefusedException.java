package io.pageferry.nbd.client;

import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;
import org.jspecify.annotations.Nullable;

/** The server refused an option of the handshake (proto.md, "Option reply types"): no such export, TLS required, ... */
public final class NbdRefusedException extends NbdFailure {
    private static final long serialVersionUID = 1;

    private final int replyType;

    NbdRefusedException(NbdOption option, int replyType, String serverMessage) {
        super("the server refused NBD_OPT_" + option + " with " + OptionReply.nameOf(replyType)
                + (serverMessage.isEmpty() ? "" : " (" + serverMessage + ")") + ": " + hint(replyType));
        this.replyType = replyType;
    }

    /** The server's answer, or null where its number is unknown. */
    public @Nullable OptionReply reply() {
        return OptionReply.of(replyType);
    }

    private static String hint(int replyType) {
        return switch (OptionReply.of(replyType)) {
            case ERR_UNKNOWN -> "there is no export of this name; NbdQueries.list shows those there are";
            case ERR_TLS_REQD -> "the server insists on TLS, which this client does not speak";
            case ERR_POLICY ->
                "the server's policy forbids it; if the space is under lease, use the token of that lease";
            case ERR_SHUTDOWN -> "the server is going down";
            case null, default -> "see the server's log";
        };
    }
}
