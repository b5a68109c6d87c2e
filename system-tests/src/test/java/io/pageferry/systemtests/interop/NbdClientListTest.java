package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The NBD project's own client. Its list is all of it that needs no nbd driver in the kernel. */
@ExtendWith(SharedServer.class)
class NbdClientListTest {
    private final ServerProcess server;

    NbdClientListTest(ServerProcess server) {
        this.server = server;
    }

    @Test
    void nbdClientListsTheSpaces() throws Exception {
        server.create("listed-one", 1 << 20);
        server.create("listed-two", 1 << 20);

        String said = Tool.run("nbd-client", "nbd-client", "-l", "127.0.0.1", Integer.toString(server.port()));

        assertThat(said.lines()).contains("listed-one", "listed-two");
    }
}
