package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import redis.clients.jedis.Jedis;

/** Data that fills a store and is not written again. */
final class Ballast {
    private static final int VALUE_BYTES = 256 << 10;
    private static final String PREFIX = "ballast:";

    private final int gatewayPort;
    private final long seed;
    private int count;

    Ballast(int gatewayPort, long seed) {
        this.gatewayPort = gatewayPort;
        this.seed = seed;
    }

    void fill(int sizeBytes) {
        try (Jedis client = Clients.connect(gatewayPort)) {
            for (; count < sizeBytes / VALUE_BYTES; count++) client.set(key(count), value(count));
        }
    }

    static boolean isBallast(String key) {
        return key.startsWith(PREFIX);
    }

    void verify() {
        verifyBut(-1);
    }

    /** All values but one. */
    void verifyBut(int left) {
        try (Jedis client = Clients.connect(gatewayPort)) {
            for (int i = 0; i < count; i++) {
                if (i == left) continue;
                assertThat(Arrays.equals(client.get(key(i)), value(i)))
                        .as("value " + i + " is as it was")
                        .isTrue();
            }
        }
    }

    int count() {
        return count;
    }

    static byte[] key(int index) {
        return (PREFIX + index).getBytes(StandardCharsets.UTF_8);
    }

    byte[] value(int index) {
        byte[] value = new byte[VALUE_BYTES];
        new Random(seed + index).nextBytes(value);
        return value;
    }
}
