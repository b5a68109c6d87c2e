package io.pageferry.server.migration;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.CatalogException;
import io.pageferry.server.catalog.Lease;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Renews the leases of the agents that own partitions, so that none expires under an owner, alive or not. */
final class LeaseKeeper {
    private static final Logger LOGGER = System.getLogger(LeaseKeeper.class.getName());
    private static final Duration RENEW_BELOW = Ledger.LEASE_TTL.dividedBy(2);

    private final Ledger ledger;
    private final Catalog catalog;

    LeaseKeeper(Ledger ledger, Catalog catalog) {
        this.ledger = ledger;
        this.catalog = catalog;
    }

    /** Renews what has less than half its time left. */
    void keep() {
        for (PartitionRecord partition : ledger.state().partitions()) {
            Optional<Lease> due = catalog.lease(partition.space())
                    .filter(lease -> partition.isOwnedBy(lease.holder()))
                    .filter(lease -> lease.expires().isBefore(Instant.now().plus(RENEW_BELOW)));
            due.ifPresent(this::renew);
        }
    }

    private void renew(Lease lease) {
        try {
            catalog.renew(lease.space(), lease.token(), Ledger.LEASE_TTL);
        } catch (CatalogException e) {
            // It changed hands in between, which is as good; anything else is tried again.
            LOGGER.log(Level.DEBUG, "lease of {0} not renewed: {1}", lease.space(), e.getMessage());
        }
    }
}
