package io.pageferry.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.args.ExpiryOption;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** The commands as a real client sees them. */
class KvCommandsTest {
    private static final int MIB = 1 << 20;

    private KvTestServer kv;
    private Jedis jedis;

    @BeforeEach
    void start() throws IOException {
        kv = KvTestServer.running(32L * MIB);
        jedis = kv.connect(RedisProtocol.RESP3);
    }

    @AfterEach
    void stop() {
        jedis.close();
        kv.close();
    }

    @Test
    void setTakesItsOptions() {
        assertThat(jedis.set("a", "1")).isEqualTo("OK");
        assertThat(jedis.set("a", "2", new SetParams().nx())).isNull();
        assertThat(jedis.set("b", "2", new SetParams().xx())).isNull();
        assertThat(jedis.set("a", "3", new SetParams().xx().ex(10))).isEqualTo("OK");
        assertThat(jedis.ttl("a")).isEqualTo(10);
        assertThat(jedis.set("a", "4", new SetParams().keepTtl())).isEqualTo("OK");
        assertThat(jedis.pttl("a")).isBetween(1L, 10_000L);
        assertThat(jedis.setGet("a", "5")).isEqualTo("4");
        assertThat(jedis.ttl("a")).isEqualTo(-1);
        assertThat(jedis.get("a")).isEqualTo("5");
        assertRefused("ERR syntax error", "SET", "a", "1", "NX", "XX");
        assertRefused("ERR syntax error", "SET", "a", "1", "EX", "1", "PX", "1");
        assertRefused("ERR invalid expire time in 'set' command", "SET", "a", "1", "EX", "0");
        assertRefused("ERR invalid expire time in 'set' command", "SET", "a", "1", "EX", "9223372036854775807");
        assertRefused("ERR value is not an integer or out of range", "SET", "a", "1", "EX", "x");
    }

    @Test
    void keysExpireWhenTheirTimeComes() {
        jedis.set("soon", "1", new SetParams().px(5_000));
        jedis.set("later", "1");
        assertThat(jedis.expire("later", 60)).isEqualTo(1);
        assertThat(jedis.expire("nothing", 60)).isZero();
        jedis.set("never", "1", new SetParams().ex(1));
        assertThat(jedis.persist("never")).isEqualTo(1);
        assertThat(jedis.persist("never")).isZero();
        kv.passTime(6_000);
        assertThat(jedis.get("soon")).isNull();
        assertThat(jedis.ttl("soon")).isEqualTo(-2);
        assertThat(jedis.ttl("later")).isBetween(50L, 55L);
        assertThat(jedis.exists("soon", "later", "never", "never")).isEqualTo(3);
        kv.passTime(60_000);
        Awaitility.await().untilAsserted(() -> assertThat(jedis.dbSize()).isEqualTo(1));
        assertThat(jedis.pexpire("never", -1)).isEqualTo(1);
        assertThat(jedis.dbSize()).isZero();
    }

    @Test
    void deadlinesAreSetOnlyUnderTheConditionsGiven() {
        jedis.set("a", "1");
        assertThat(jedis.expire("a", 100, ExpiryOption.XX)).isZero();
        assertThat(jedis.expire("a", 100, ExpiryOption.GT)).as("never is later").isZero();
        assertThat(jedis.expire("a", 100, ExpiryOption.NX)).isEqualTo(1);
        assertThat(jedis.expire("a", 50, ExpiryOption.NX)).isZero();
        assertThat(jedis.expire("a", 50, ExpiryOption.GT)).isZero();
        assertThat(jedis.expire("a", 50, ExpiryOption.LT)).isEqualTo(1);
        assertThat(jedis.expire("a", 200, ExpiryOption.GT)).isEqualTo(1);
        for (String key : List.of("a", "nothing")) {
            String together = "options at the same time are not compatible";
            assertRefused("ERR NX and XX, GT or LT " + together, "EXPIRE", key, "1", "NX", "XX");
            assertRefused("ERR GT and LT " + together, "EXPIRE", key, "1", "GT", "LT");
            assertRefused("ERR Unsupported option soon", "PEXPIRE", key, "1", "soon");
        }
        assertThat(jedis.ttl("a")).isBetween(190L, 200L);
    }

    @Test
    void aGreetingThatIsRefusedGivesNoName() {
        assertRefused("ERR syntax error", "HELLO", "3", "SETNAME", "x", "soon");
        assertThat(jedis.clientGetname()).isNull();
    }

    @Test
    void countersCountAndRefuseWhatIsNoNumber() {
        assertThat(jedis.incr("n")).isEqualTo(1);
        assertThat(jedis.incrBy("n", 41)).isEqualTo(42);
        assertThat(jedis.decr("n")).isEqualTo(41);
        assertThat(jedis.decrBy("n", 141)).isEqualTo(-100);
        jedis.set("max", Long.toString(Long.MAX_VALUE));
        assertRefused("ERR increment or decrement would overflow", "INCR", "max");
        jedis.set("min", Long.toString(Long.MIN_VALUE));
        assertThat(jedis.incr("min")).isEqualTo(Long.MIN_VALUE + 1);
        for (String word : List.of("x", "", "01", "+1", " 1", "1.5", "9223372036854775808")) {
            jedis.set("word", word);
            assertRefused("ERR value is not an integer or out of range", "INCR", "word");
        }
    }

    @Test
    void valuesAreReadAndWrittenManyAtOnce() {
        assertThat(jedis.mset("a", "1", "b", "2", "a", "3")).isEqualTo("OK");
        assertThat(jedis.mget("a", "x", "b")).containsExactly("3", null, "2");
        assertThat(jedis.append("a", "45")).isEqualTo(3);
        assertThat(jedis.append("new", "xy")).isEqualTo(2);
        assertThat(jedis.strlen("a")).isEqualTo(3);
        assertThat(jedis.strlen("x")).isZero();
        assertThat(jedis.del("a", "b", "x")).isEqualTo(2);
        assertThat(jedis.type("new")).isEqualTo("string");
        assertThat(jedis.flushAll()).isEqualTo("OK");
        assertThat(jedis.dbSize()).isZero();
    }

    @Test
    void valuesUpToOneMebibyteAreTakenAndLongerOnesRefused() {
        byte[] value = "v".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
        byte[] key = "large".getBytes(StandardCharsets.US_ASCII);
        assertThat(jedis.set(key, value)).isEqualTo("OK");
        assertThat(jedis.get(key)).isEqualTo(value);
        assertRefused("ERR string exceeds maximum allowed size (proto-max-bulk-len)", "APPEND", "large", "x");
        assertThatThrownBy(() -> jedis.set(key, "v".repeat(MIB + 1).getBytes(StandardCharsets.US_ASCII)));
        try (Jedis other = kv.connect()) {
            assertThat(other.get(key)).isEqualTo(value);
            String longKey = "k".repeat(70_000);
            assertThatThrownBy(() -> other.set(longKey, "1")).hasMessageStartingWith("ERR key is longer");
            assertThat(other.get(longKey)).isNull();
        }
    }

    @Test
    void aFullStoreSaysSoAndGoesOn() {
        String value = "v".repeat(60_000);
        int stored = 0;
        JedisDataException full = null;
        while (full == null) {
            try {
                jedis.set("k" + stored, value);
                stored++;
            } catch (JedisDataException refused) {
                full = refused;
            }
        }
        assertThat(full).hasMessage("OOM command not allowed when used memory > 'maxmemory'.");
        assertThat(stored).isGreaterThan(450);
        String[] pairs = new String[200];
        for (int i = 0; i < 200; i++) pairs[i] = i % 2 == 0 ? "m" + i : value;
        assertThatThrownBy(() -> jedis.mset(pairs)).hasMessageStartingWith("OOM");
        assertThat(jedis.exists("m0")).isFalse();
        assertThat(jedis.get("k7")).isEqualTo(value);
        assertThat(jedis.del("k7")).isEqualTo(1);
        assertThat(jedis.set("k7", value)).isEqualTo("OK");
    }

    @Test
    void freedPagesAreReleasedSoonAfter() {
        for (int i = 0; i < 300; i++) jedis.set("k" + i, "v".repeat(60_000));
        jedis.flushAll();
        Awaitility.await().untilAsserted(() -> assertThat(jedis.info("memory")).contains("free_pages_not_released:0"));
        assertThat(kv.memory().releasedPages()).isGreaterThan(300 * 15);
    }

    @Test
    void aScanFindsEveryKeyThatIsThereThroughoutWhileOthersComeAndGo() {
        for (int i = 0; i < 5_000; i++) jedis.set("stays:" + i, "1");
        Set<String> found = new HashSet<>();
        String cursor = ScanParams.SCAN_POINTER_START;
        int round = 0;
        do {
            ScanResult<String> part =
                    jedis.scan(cursor, new ScanParams().match("stays:*").count(100));
            found.addAll(part.getResult());
            cursor = part.getCursor();
            Pipeline changes = jedis.pipelined();
            for (int i = 0; i < 500; i++) {
                if (round % 16 < 8) changes.set("comes:" + round + ":" + i, "1");
                else changes.del("comes:" + (round - 8) + ":" + i);
            }
            changes.sync();
            round++;
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        assertThat(found).hasSize(5_000);
        assertThat(jedis.scan(
                                "0",
                                new ScanParams().match("st[a-b]?s:\\49[^0-8]9").count(9_999))
                        .getResult())
                .containsExactly("stays:4999");
        assertRefused("ERR invalid cursor", "SCAN", "x");
        assertRefused("ERR syntax error", "SCAN", "0", "COUNT", "0");
    }

    @Test
    void pipelinedCommandsAreAnsweredInOrder() {
        Pipeline pipeline = jedis.pipelined();
        List<Response<Long>> counts = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) counts.add(pipeline.incr("n"));
        pipeline.sync();
        for (int i = 0; i < 20_000; i++) assertThat(counts.get(i).get()).isEqualTo(i + 1);
    }

    @Test
    void errorsAreRedisErrors() {
        assertRefused("ERR unknown command 'LPUSH', with args beginning with: 'a' 'b' ", "LPUSH", "a", "b");
        assertRefused("ERR wrong number of arguments for 'get' command", "GET");
        assertRefused("ERR wrong number of arguments for 'mset' command", "MSET", "a", "1", "b");
        assertRefused("ERR DB index is out of range", "SELECT", "3");
        assertRefused("NOPROTO unsupported protocol version", "HELLO", "4");
        assertThatThrownBy(() -> jedis.auth("secret")).hasMessageStartingWith("ERR AUTH <password> called without");
        assertThat(jedis.select(0)).isEqualTo("OK");
        assertThat(jedis.ping()).isEqualTo("PONG");
        assertThat(jedis.echo("x")).isEqualTo("x");
        assertThat(jedis.configGet("save")).containsEntry("save", "");
        assertThat(jedis.info()).contains("redis_version:");
    }

    private void assertRefused(String message, String command, String... arguments) {
        assertThatThrownBy(() -> jedis.sendCommand(() -> command.getBytes(StandardCharsets.US_ASCII), arguments))
                .isInstanceOf(JedisDataException.class)
                .hasMessage(message);
    }
}
