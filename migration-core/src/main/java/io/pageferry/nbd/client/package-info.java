/**
 * A client of the Network Block Device protocol for agents: pipelined requests over native memory, several connections
 * to one export, an urgent lane, and reconnects that neither lose nor misorder a write.
 *
 * <p>{@link io.pageferry.nbd.client.NbdClient} is where to begin; {@link io.pageferry.nbd.client.PageReader} and
 * {@link io.pageferry.nbd.client.PageWriter} speak of pages instead of bytes. {@code docs/nbd-client.md} says what is
 * promised.
 */
@NullMarked
package io.pageferry.nbd.client;

import org.jspecify.annotations.NullMarked;
