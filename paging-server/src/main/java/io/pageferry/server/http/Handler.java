package io.pageferry.server.http;

import java.io.IOException;

/**
 * Answers one kind of request. Runs on a virtual thread of its own and may block for as long as the client waits (a long poll);
 * it is interrupted when the server stops.
 */
@FunctionalInterface
public interface Handler {
    /** Throws {@link ApiException} to refuse; anything else it throws is a defect, logged here and hidden from the client. */
    Reply handle(Request request) throws IOException, InterruptedException;
}
