package io.pageferry.direct;

/** How a request ended. Unless it is {@link #OK} or {@link #MORE}, the payload is a sentence in UTF-8 that says why. */
public enum DirectStatus {
    /** Done; the last answer to the request. */
    OK(0),
    /** Done in part: another answer to the same request follows. */
    MORE(1),
    /** Nobody may open that: another user, an unknown space, a wrong lease token, too many connections. */
    REFUSED(2),
    /** The lease belongs to another holder now, or the connection opened the space without one. */
    FENCED(3),
    /** The device or the quota is full. */
    NO_SPACE(4),
    /** The request breaks the protocol or lies about ranges; the server closes the connection. */
    INVALID(5),
    /** The server could not do it. */
    FAILED(6);

    private static final DirectStatus[] VALUES = values();

    private final int code;

    DirectStatus(int code) {
        this.code = code;
    }

    /** The status on the wire. */
    public int code() {
        return code;
    }

    /** The status of a code on the wire. @throws DirectException for a code that is none */
    public static DirectStatus ofCode(int code) {
        if (code >= VALUES.length) throw new DirectException(INVALID, "status " + code + " is not known");
        return VALUES[code];
    }
}
