/**
 * The words of the Network Block Device protocol that client and server share: magic numbers, option, command and error
 * codes, flags, and the layout of every fixed-size header.
 *
 * <p>All of it follows {@code doc/proto.md} of <a href="https://github.com/NetworkBlockDevice/nbd">the NBD project</a>;
 * each type names the section it comes from. Numbers travel in network byte order. What is decoded once a connection is
 * an enum or a record; what is decoded once a request is an {@code int} constant and a static method over a
 * {@link io.netty.buffer.ByteBuf}, so that the transmission phase allocates nothing.
 */
@NullMarked
package io.pageferry.nbd;

import org.jspecify.annotations.NullMarked;
