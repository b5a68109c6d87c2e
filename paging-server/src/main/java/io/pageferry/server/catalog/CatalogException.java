package io.pageferry.server.catalog;

/** The catalog refuses; the message says why, the {@linkplain #hint hint} what to do. */
public abstract class CatalogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String hint;

    CatalogException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    public final String hint() {
        return hint;
    }
}
