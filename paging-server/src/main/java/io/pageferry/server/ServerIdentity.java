package io.pageferry.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;

/**
 * Which paging server this is, so that an agent can tell whether it is this one that answers at a path.
 *
 * <p>Invariant: the same over restarts, and no two servers at once have the same: it is made of what this boot of the host and the
 * pool's folder have alone, and a pool is locked by one server. So nothing of it is kept, and the copy of a pool is another.
 */
final class ServerIdentity {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private ServerIdentity() {}

    /** The identity of the server of a pool, whose folder is there. */
    static UUID of(Path pool) throws IOException {
        String boot = Files.readString(BOOT_ID).strip();
        Object folder = Files.readAttributes(pool, BasicFileAttributes.class).fileKey();
        return UUID.nameUUIDFromBytes((boot + " " + folder).getBytes(StandardCharsets.UTF_8));
    }
}
