package io.pageferry.server.nbd;

import io.pageferry.nbd.OptionReply;

/** An export that a client cannot have; the message is sent to it. */
final class ExportRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final OptionReply reply;

    ExportRefusedException(OptionReply reply, String message) {
        super(message, null, false, false);
        this.reply = reply;
    }

    OptionReply reply() {
        return reply;
    }
}
