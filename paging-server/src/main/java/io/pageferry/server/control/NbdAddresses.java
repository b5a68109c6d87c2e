package io.pageferry.server.control;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;
import java.util.UUID;

/**
 * Where agents reach the paging spaces.
 *
 * @param tcp {@code host:port}
 * @param unix the path of a Unix socket
 * @param direct the path of the Unix socket where the direct path is served; not NBD, and so shown apart
 * @param server which server answers there; shown apart, too
 */
public record NbdAddresses(
        Optional<String> tcp,
        Optional<String> unix,
        @JsonIgnore Optional<String> direct,
        @JsonIgnore Optional<UUID> server) {
    /** A server without the direct path, that does not say which it is. */
    public NbdAddresses(Optional<String> tcp, Optional<String> unix) {
        this(tcp, unix, Optional.empty(), Optional.empty());
    }
}
