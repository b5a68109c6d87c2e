package io.pageferry.systemtests.moves;

import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** Connections of a Redis client, patient enough for a hand-over on a busy machine. */
final class Clients {
    private static final int TIMEOUT_MS = 60_000;

    private Clients() {}

    static Jedis connect(int port) {
        return new Jedis(
                new HostAndPort("127.0.0.1", port),
                DefaultJedisClientConfig.builder()
                        .socketTimeoutMillis(TIMEOUT_MS)
                        .connectionTimeoutMillis(TIMEOUT_MS)
                        .autoNegotiateProtocol(false)
                        .build());
    }
}
