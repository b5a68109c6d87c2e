package io.pageferry.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong at the start is one line, and an exit code. */
class GatewayMainTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--partition p | --listen=HOST:PORT",
                "--listen 127.0.0.1:0 | --partition=NAME",
                "--partition p --listen 127.0.0.1:x | is not HOST:PORT, such as 127.0.0.1:6379",
                "--partition p --listen 6379 | is not HOST:PORT",
                "--partition p --listen 127.0.0.1:65536 | is not HOST:PORT",
                "--partition p --listen nobody.invalid:0 | there is no host",
                "--partition p --listen 127.0.0.1:0 --hold-ms 0 | --hold-ms takes 1 to 86400000 milliseconds, not 0",
                "--partition p --listen 127.0.0.1:0 --hold-ms soon | is not a long",
                "--partition p --listen 127.0.0.1:0 --server here | is not a URL such as http://127.0.0.1:10880",
                "--partition p --listen 127.0.0.1:0 --speed 9 | Unknown option"
            })
    void aWrongOptionIsOneLineAndExitCode2(String arguments, String line) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertOneLine(line);
    }

    @Test
    void aPortInUseIsOneLineAndExitCode1() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String place = "127.0.0.1:" + taken.getLocalPort();
            assertThat(run("--partition", "p", "--listen", place)).isEqualTo(1);
            assertOneLine("cannot listen on " + place + ": ");
        }
    }

    private void assertOneLine(String text) {
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("gateway: ")
                .contains(text);
    }

    private int run(String... arguments) {
        return GatewayMain.run(new PrintStream(err, true, StandardCharsets.UTF_8), arguments);
    }
}
