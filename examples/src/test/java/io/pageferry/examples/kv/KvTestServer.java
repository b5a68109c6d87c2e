package io.pageferry.examples.kv;

import io.pageferry.examples.kv.store.PoisoningMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;

/** A store on memory that poisons what is released, served on a free port, with a clock that the test can move. */
final class KvTestServer implements AutoCloseable {
    private final AtomicLong aheadMs = new AtomicLong();
    private final PoisoningMemory memory;
    private final KvServer server;
    private final KvProgram program;

    KvTestServer(long sizeBytes) throws IOException {
        memory = new PoisoningMemory(sizeBytes);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = KvServer.start(anyPort, "test", sizeBytes, () -> System.currentTimeMillis() + aheadMs.get());
        program = new KvProgram(server);
    }

    /** A store that runs. */
    static KvTestServer running(long sizeBytes) throws IOException {
        KvTestServer started = new KvTestServer(sizeBytes);
        started.program.resume(started.memory, new byte[0]);
        return started;
    }

    PoisoningMemory memory() {
        return memory;
    }

    KvServer server() {
        return server;
    }

    KvProgram program() {
        return program;
    }

    int port() {
        return server.address().getPort();
    }

    void passTime(long ms) {
        aheadMs.addAndGet(ms);
    }

    Jedis connect() {
        return connect(RedisProtocol.RESP2);
    }

    Jedis connect(RedisProtocol protocol) {
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .protocol(protocol)
                .autoNegotiateProtocol(false)
                .socketTimeoutMillis(20_000)
                .build();
        return new Jedis(new HostAndPort("127.0.0.1", port()), config);
    }

    Socket connectPlainly() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    @Override
    public void close() {
        server.close();
    }
}
