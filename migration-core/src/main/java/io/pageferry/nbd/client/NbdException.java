package io.pageferry.nbd.client;

import io.pageferry.nbd.NbdError;

/** The server answered one request with an error (proto.md, "Error values"); the connection goes on. */
public final class NbdException extends NbdFailure {
    private static final long serialVersionUID = 1;

    private final NbdError error;

    NbdException(NbdError error, String request, String serverMessage) {
        super("NBD_" + error + " for " + request + (serverMessage.isEmpty() ? "" : " (" + serverMessage + ")") + ": "
                + error.hint());
        this.error = error;
    }

    /** What the server said. */
    public NbdError error() {
        return error;
    }

    /** Whether the server refuses writes of this client now: its lease is not, or no longer, the current one. */
    public boolean isFenced() {
        return error == NbdError.EPERM;
    }
}
