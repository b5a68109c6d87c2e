package io.pageferry.nbd.client;

/** The thread was interrupted while it waited for room among the requests in flight; the request was never sent. */
public final class NbdInterruptedException extends NbdFailure {
    private static final long serialVersionUID = 1;

    NbdInterruptedException(String message) {
        super(message);
    }
}
