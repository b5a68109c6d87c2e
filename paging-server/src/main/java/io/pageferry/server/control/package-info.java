/** The control API of the paging server: spaces, leases, health and metrics over HTTP; {@code docs/control-api.md} describes it. */
@NullMarked
package io.pageferry.server.control;

import org.jspecify.annotations.NullMarked;
