package io.pageferry.nbd.client;

import java.io.IOException;

/** Why a request, or the whole client, failed. Each subclass is one thing that a caller can react to. */
public abstract sealed class NbdFailure extends IOException
        permits NbdClosedException,
                NbdException,
                NbdInterruptedException,
                NbdProtocolException,
                NbdRefusedException,
                NbdUnflushedWritesException,
                NbdUnreachableException {
    private static final long serialVersionUID = 1;

    NbdFailure(String message) {
        super(message);
    }

    NbdFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
