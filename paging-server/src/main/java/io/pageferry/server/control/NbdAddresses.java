package io.pageferry.server.control;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;

/**
 * Where agents reach the paging spaces.
 *
 * @param tcp {@code host:port}
 * @param unix the path of a Unix socket
 * @param direct the path of the Unix socket where the direct path is served; not NBD, and so shown apart
 */
public record NbdAddresses(
        Optional<String> tcp,
        Optional<String> unix,
        @JsonIgnore Optional<String> direct) {
    /** A server without the direct path. */
    public NbdAddresses(Optional<String> tcp, Optional<String> unix) {
        this(tcp, unix, Optional.empty());
    }
}
