package io.pageferry.server.pool;

/** No storage for a first write: the pool's device is full. The space works again once there is room (NBD_ENOSPC). */
public class SpaceFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    // No stack trace: a full device fails every first write, and the message says all.
    SpaceFullException(String message) {
        super(message, null, false, false);
    }
}
