package io.pageferry.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import redis.clients.jedis.Jedis;

class KvMainTest {
    @Test
    void aStandaloneStoreSaysWhereItListensAndServes() {
        try (ChildJvm child = ChildJvm.start(KvMain.class, "--memory", "64M", "--listen", "127.0.0.1:0")) {
            String line = child.nextLine();
            assertThat(line).startsWith("kv: listening on 127.0.0.1:");
            int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            try (Jedis jedis = new Jedis("127.0.0.1", port)) {
                assertThat(jedis.set("a", "1")).isEqualTo("OK");
                assertThat(jedis.info("server")).contains("partition:standalone");
            }
        }
    }

    @Test
    void wrongArgumentsAreRefusedWithOneLineThatSaysWhy() {
        assertRefused("--memory must be a multiple of 4096", "--memory", "1234567");
        assertRefused("'lots' is not a size", "--memory", "lots");
        assertRefused("'here' is not HOST:PORT", "--memory", "1M", "--listen", "here");
        assertRefused("--agent needs --partition", "--memory", "1M", "--agent", "/nowhere/agent.sock");
        assertRefused("need --agent", "--memory", "1M", "--incoming");
    }

    @Test
    void anAgentThatIsNotThereIsAnError() {
        int status = new CommandLine(new KvMain())
                .execute("--memory", "1M", "--listen", "127.0.0.1:0", "--agent", "/nowhere/a.sock", "--partition", "p");
        assertThat(status).isEqualTo(1);
    }

    private static void assertRefused(String why, String... arguments) {
        StringWriter errors = new StringWriter();
        CommandLine command = new CommandLine(new KvMain()).setErr(new PrintWriter(errors, true));
        assertThat(command.execute(arguments)).isNotZero();
        assertThat(errors.toString().lines().findFirst().orElse("")).contains(why);
    }
}
