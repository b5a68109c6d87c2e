package io.pageferry.nbd.client;

/** The peer said what the NBD protocol does not allow. The client trusts it no further: every request fails with this. */
public final class NbdProtocolException extends NbdFailure {
    private static final long serialVersionUID = 1;

    NbdProtocolException(String message) {
        super(message);
    }

    NbdProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
