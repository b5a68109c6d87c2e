package io.pageferry.examples.kv.resp;

/** What a client sent is not RESP, or over a limit: it gets the message, and its connection is closed. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        // Clients cause these at will: no stack.
        super("ERR Protocol error: " + message, null, false, false);
    }
}
