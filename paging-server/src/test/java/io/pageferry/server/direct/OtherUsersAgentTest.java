package io.pageferry.server.direct;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.OtherUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherUsersAgentTest {
    @Test
    void anAgentOfAnotherUserIsKeptOutByTheSocketsModeAndByTheServer(@TempDir Path folder) throws IOException {
        OtherUser nobody = OtherUser.in(folder);
        try (DirectPool served = new DirectPool(folder)) {
            served.create("vm", 1 << 20, 0);
            Path parent = served.socket.getParent();
            Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
            String socket = served.socket.toString();
            assertThat(nobody.output(VisitorMain.class, socket)).contains("cannot connect to " + socket + ": EACCES");
            Files.setPosixFilePermissions(served.socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(nobody.output(VisitorMain.class, socket))
                    .contains("this server serves user 0 and root, not user " + OtherUser.ID);
            assertThat(served.server.connectionCount("vm")).isZero();
        }
    }
}
