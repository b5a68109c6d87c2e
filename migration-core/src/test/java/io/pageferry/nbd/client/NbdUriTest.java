package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NbdUriTest {
    @Test
    void tcpAndUnixAddressesAreTakenApart() {
        assertThat(NbdUri.parse("nbd://example.com/disk")).isEqualTo(NbdUri.tcp("example.com", 10809, "disk"));
        assertThat(NbdUri.parse("nbd://[::1]:9/")).isEqualTo(NbdUri.tcp("::1", 9, ""));
        assertThat(NbdUri.parse("nbd://example.com//a%20b")).isEqualTo(NbdUri.tcp("example.com", 10809, "/a b"));
        assertThat(NbdUri.parse("nbd+unix:///disk?socket=/run/a%20b+c.sock"))
                .isEqualTo(NbdUri.unix(Path.of("/run/a b+c.sock"), "disk"));
    }

    @Test
    void aLeaseIsPartOfTheNameButIsNotShown() {
        NbdUri uri = NbdUri.parse("nbd://h:1/space;lease=secret");
        assertThat(uri.export()).isEqualTo("space;lease=secret");
        assertThat(uri.toString()).isEqualTo("nbd://h:1/space;lease=...");
        assertThat(uri.withExport("other")).isEqualTo(NbdUri.tcp("h", 1, "other"));
        assertThat(NbdUri.unix(Path.of("/s"), "a;lease=t")).hasToString("nbd+unix:///a;lease=...?socket=/s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h/x",
                "nbds://h/x",
                "nbd+unix:///x",
                "nbd:///x",
                "nbd://h h/",
                "nbd+unix:///x?socket=/s&tls-type=psk"
            })
    void anythingElseIsRefusedWithTheFormToWrite(String text) {
        assertThatThrownBy(() -> NbdUri.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nbd://HOST[:PORT]/EXPORT");
    }
}
