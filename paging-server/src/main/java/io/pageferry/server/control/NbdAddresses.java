package io.pageferry.server.control;

import java.util.Optional;

/**
 * Where agents reach the paging spaces.
 *
 * @param tcp {@code host:port}
 * @param unix the path of a Unix socket
 */
public record NbdAddresses(Optional<String> tcp, Optional<String> unix) {}
