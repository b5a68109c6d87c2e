package io.pageferry.server.catalog;

/** There is no space of that name. */
public final class UnknownSpaceException extends CatalogException {
    private static final long serialVersionUID = 1L;

    UnknownSpaceException(String space) {
        super("there is no space " + space, "list the spaces, or create it first");
    }
}
