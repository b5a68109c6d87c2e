package io.pageferry.nbd.client;

/** The client was closed before the request was answered. */
public final class NbdClosedException extends NbdFailure {
    private static final long serialVersionUID = 1;

    NbdClosedException(String message) {
        super(message);
    }
}
