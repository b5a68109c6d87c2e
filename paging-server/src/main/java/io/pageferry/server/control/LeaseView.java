package io.pageferry.server.control;

import io.pageferry.server.catalog.Lease;
import java.time.Instant;

/** A lease as everybody may see it: without its token, which is what gives the right to write. */
record LeaseView(String space, String holder, long epoch, Instant expires) {
    static LeaseView of(Lease lease) {
        return new LeaseView(lease.space(), lease.holder(), lease.epoch(), lease.expires());
    }
}
