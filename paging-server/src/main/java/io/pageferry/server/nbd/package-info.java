/**
 * The NBD server: every paging space is an export. Fixed newstyle handshake, then transmission, one event loop a
 * connection; what may wait for a device leaves the event loop.
 *
 * <p>In the order of a connection's life: {@link io.pageferry.server.nbd.NbdServer}, {@code ConnectionSetup},
 * {@code HandshakeHandler}, {@code Negotiation}, {@code Exports}, {@code TransmissionHandler}, the commands,
 * {@code Replies}.
 */
@NullMarked
package io.pageferry.server.nbd;

import org.jspecify.annotations.NullMarked;
