package io.pageferry.server.http;

import java.util.Map;

/**
 * A request that is refused. The client gets the status and {@code {"error": ..., "hint": ...}}: what is wrong, and what to do
 * about it. Whoever throws it has changed nothing.
 */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String hint;
    private final transient Map<String, String> headers;

    private ApiException(int status, String error, String hint, Map<String, String> headers) {
        super(error);
        this.status = status;
        this.hint = hint;
        this.headers = headers;
    }

    /** 400: the request itself is wrong, whatever the state of the server. */
    public static ApiException badRequest(String error, String hint) {
        return of(400, error, hint);
    }

    /** 403: the request needs a secret that it does not show. */
    public static ApiException forbidden(String error, String hint) {
        return of(403, error, hint);
    }

    /** 404: what the path names does not exist. */
    public static ApiException notFound(String error, String hint) {
        return of(404, error, hint);
    }

    /** 405: the path exists, the method does not; {@code allow} is the value of the Allow header. */
    public static ApiException methodNotAllowed(String error, String hint, String allow) {
        return new ApiException(405, error, hint, Map.of("Allow", allow));
    }

    /** 409: the request is right, but not in the present state. */
    public static ApiException conflict(String error, String hint) {
        return of(409, error, hint);
    }

    /** Any other status. */
    public static ApiException of(int status, String error, String hint) {
        return new ApiException(status, error, hint, Map.of());
    }

    public int status() {
        return status;
    }

    /** What is wrong, one sentence. */
    public String error() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /** What to do about it, one sentence. */
    public String hint() {
        return hint;
    }

    Reply toReply() {
        return Reply.json(status, new ErrorBody(error(), hint)).with(headers);
    }

    record ErrorBody(String error, String hint) {}
}
