package io.pageferry.server.catalog;

import java.nio.file.Path;

/** The journal is damaged where it cannot come from an interrupted commit: commits that were acknowledged are lost. */
public final class CatalogDamagedException extends CatalogException {
    private static final long serialVersionUID = 1L;

    CatalogDamagedException(Path journal, String what) {
        super(
                "the catalog's journal " + journal + " is damaged: " + what,
                "restore the file from a copy; or move it away: the spaces are then found again by their files, without"
                        + " quotas and leases, and epochs go on above all earlier ones");
    }
}
