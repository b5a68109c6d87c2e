package io.pageferry.nbd;

/** The errors that a reply can carry (proto.md, "Error values"). */
public enum NbdError {
    /** {@code NBD_EPERM}: a write to a read-only export, or one whose lease was fenced. */
    EPERM(1, "the export is read-only here: open it with a lease that is current"),
    /** {@code NBD_EIO}. */
    EIO(5, "the storage behind the server failed: see the server's log"),
    /** {@code NBD_ENOMEM}. */
    ENOMEM(12, "the server is out of memory: retry with fewer or smaller requests"),
    /** {@code NBD_EINVAL}. */
    EINVAL(22, "the request is not one that this export takes: check offset, length, alignment and flags"),
    /** {@code NBD_ENOSPC}. */
    ENOSPC(28, "the storage behind the server is full, or the space's quota is used up: make room, then retry"),
    /** {@code NBD_EOVERFLOW}. */
    EOVERFLOW(75, "the request is too long for the server: split it"),
    /** {@code NBD_ENOTSUP}. */
    ENOTSUP(95, "the server cannot do this, or not fast: use a plain write"),
    /** {@code NBD_ESHUTDOWN}. */
    ESHUTDOWN(108, "the server is going down: reconnect when it is back");

    private final int code;
    private final String hint;

    NbdError(int code, String hint) {
        this.code = code;
        this.hint = hint;
    }

    /** The number in the error field. */
    public int code() {
        return code;
    }

    /** What to do about it. */
    public String hint() {
        return hint;
    }

    /** The error of this number; an unexpected number counts as {@link #EINVAL}, as the specification asks. */
    public static NbdError of(int code) {
        for (NbdError error : values()) {
            if (error.code == code) {
                return error;
            }
        }
        return EINVAL;
    }
}
