package io.pageferry.server.catalog;

/** A space of that name exists already. */
public final class SpaceExistsException extends CatalogException {
    private static final long serialVersionUID = 1L;

    SpaceExistsException(String space) {
        super("space " + space + " exists already", "choose another name, or delete the space first");
    }
}
