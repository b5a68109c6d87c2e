package io.pageferry.server.control;

import io.pageferry.server.catalog.Lease;
import java.time.Instant;

/**
 * A lease as its holder gets it.
 *
 * @param token shows who holds it: to renew, transfer, release
 * @param export the NBD export name that is writable with it
 */
record GrantedLease(String space, String holder, String token, long epoch, Instant expires, String export) {
    static GrantedLease of(Lease lease) {
        String export = lease.space() + ";lease=" + lease.token();
        return new GrantedLease(lease.space(), lease.holder(), lease.token(), lease.epoch(), lease.expires(), export);
    }
}
