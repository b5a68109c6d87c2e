package io.pageferry.server.catalog;

/** The catalog holds as much as it may. */
public final class CatalogLimitException extends CatalogException {
    private static final long serialVersionUID = 1L;

    CatalogLimitException(String message, String hint) {
        super(message, hint);
    }
}
