package io.pageferry.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerIdentityTest {
    @Test
    void aPoolsServerIsTheSameHoweverThePoolIsNamedAndAnotherPoolsIsAnother(@TempDir Path folder) throws IOException {
        Path pool = Files.createDirectory(folder.resolve("pool"));
        Path other = Files.createDirectory(folder.resolve("other"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), pool);

        assertThat(ServerIdentity.of(link)).isEqualTo(ServerIdentity.of(pool));
        assertThat(ServerIdentity.of(other)).isNotEqualTo(ServerIdentity.of(pool));
    }
}
