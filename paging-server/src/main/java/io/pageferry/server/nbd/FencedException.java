package io.pageferry.server.nbd;

/** A change by a connection that may not write (any more): NBD_EPERM. */
final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FencedException() {
        super("the export is read-only here, or its lease has gone to somebody else", null, false, false);
    }
}
