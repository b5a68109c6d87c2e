package io.pageferry.server.metrics;

/** The error values of the NBD specification ("Error values" of proto.md), counted apart; all others count as {@link #OTHER}. */
public enum NbdErrorKind {
    EPERM(1),
    EIO(5),
    ENOMEM(12),
    EINVAL(22),
    ENOSPC(28),
    EOVERFLOW(75),
    ENOTSUP(95),
    ESHUTDOWN(108),
    OTHER(-1);

    private final int value;

    NbdErrorKind(int value) {
        this.value = value;
    }

    /** The kind of an error value as it goes over the wire. */
    public static NbdErrorKind of(int nbdError) {
        for (NbdErrorKind kind : values()) {
            if (kind.value == nbdError) {
                return kind;
            }
        }
        return OTHER;
    }
}
