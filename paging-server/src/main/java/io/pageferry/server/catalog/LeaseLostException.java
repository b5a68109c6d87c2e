package io.pageferry.server.catalog;

/** The token given is not that of the space's lease: it was never, or the lease was transferred, taken over or released. */
public final class LeaseLostException extends CatalogException {
    private static final long serialVersionUID = 1L;

    LeaseLostException(String space, String now) {
        super(
                "the token given does not hold the lease of space " + space + ": " + now,
                "stop writing to the space; acquire its lease anew once it is free");
    }
}
