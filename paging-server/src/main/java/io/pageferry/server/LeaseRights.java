package io.pageferry.server;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.nbd.WriteRights;
import org.jspecify.annotations.Nullable;

/** Who may write a space, as the catalog of leases says. A space under lease is open to everybody who only reads. */
record LeaseRights(Catalog catalog) implements WriteRights {
    @Override
    public Right of(String space, @Nullable String leaseToken) {
        if (catalog.writerEpoch(space, leaseToken).isPresent()) {
            return Right.WRITE;
        }
        return leaseToken == null ? Right.READ : Right.REFUSED;
    }
}
