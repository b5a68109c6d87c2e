package io.pageferry.server.catalog;

import java.time.Instant;

/** Somebody holds the lease of the space, and it has not expired. */
public final class LeaseHeldException extends CatalogException {
    private static final long serialVersionUID = 1L;

    private final String holder;
    private final Instant expires;

    LeaseHeldException(Lease held) {
        super(
                "space " + held.space() + " is leased to " + held.holder() + " until " + held.expires(),
                "wait until " + held.expires() + ", or have " + held.holder() + " release or transfer the lease");
        this.holder = held.holder();
        this.expires = held.expires();
    }

    public String holder() {
        return holder;
    }

    public Instant expires() {
        return expires;
    }
}
