package io.pageferry.direct;

import java.util.Optional;

/** What an agent may ask on the direct path. Each request gets its answers in order, of the same type. */
public enum DirectRequest {
    /** Names space and lease; the answer carries the space's descriptor. The first request, and only that. */
    OPEN(1),
    /** Ranges that will be stored into: room is made for them, so that no store can fail. */
    RESERVE(2),
    /** Ranges that were stored into. */
    WRITTEN(3),
    /** Ranges that hold nothing any more; their storage is given back. */
    DISCARD(4),
    /** Which ranges changed since this connection last asked; the answers carry them. */
    CHANGED(5),
    /** Makes all that was written before durable: data, then directory. */
    FLUSH(6);

    private final int code;

    DirectRequest(int code) {
        this.code = code;
    }

    /** The type on the wire. */
    public int code() {
        return code;
    }

    public static Optional<DirectRequest> ofCode(int code) {
        return code >= 1 && code <= values().length ? Optional.of(values()[code - 1]) : Optional.empty();
    }
}
