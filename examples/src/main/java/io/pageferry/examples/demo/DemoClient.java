package io.pageferry.examples.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * The demonstration's clients. Loads the data, says {@code loaded}, keeps the load running, and obeys lines on standard
 * input: {@code stall} prints the longest stall since the last such line, {@code finish} stops the load, verifies
 * everything and ends, with 1 if anything was lost.
 */
@Command(name = "demo-client", mixinStandardHelpOptions = true, description = "Loads, stresses and verifies a store.")
public final class DemoClient implements Callable<Integer> {
    private static final int TIMEOUT_MS = 60_000;
    private static final int PIPELINE = 64;

    @Option(names = "--port", required = true, description = "The gateway's port on this host.")
    private int port;

    @Option(names = "--data", required = true, description = "The folder whose files are loaded.")
    private Path folder = Path.of(".");

    @Option(names = "--max-bytes", required = true, description = "Load at most so many bytes.")
    private long maxBytes;

    @Option(
            names = "--clients",
            defaultValue = "8",
            description = "Connections under load (default: ${DEFAULT-VALUE}).")
    private int clientCount;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<LoadClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** Exits with 0 if nothing was lost. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new DemoClient()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        DataSet data = load();
        System.out.printf("loaded %,d values, %,d MiB%n", data.digests().size(), data.sizeBytes() >> 20);
        startLoad(data);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (line.equals("stall")) System.out.printf("stall-ms %d%n", takeLongestStallMs());
            if (line.equals("finish")) return finish(data) ? 0 : 1;
        }
        stopLoad();
        return 1;
    }

    private DataSet load() {
        try (Jedis connection = connect();
                Pipeline pipeline = connection.pipelined()) {
            int[] sent = {0};
            return DataSet.load(folder, maxBytes, (key, value) -> {
                pipeline.set(DataSet.bytes(key), value);
                if (++sent[0] % PIPELINE == 0) pipeline.sync();
            });
        }
    }

    private void startLoad(DataSet data) {
        List<String> keys = List.copyOf(data.digests().keySet());
        for (int i = 0; i < clientCount; i++) {
            LoadClient client = new LoadClient(connect(), i, data, keys, stop);
            clients.add(client);
            threads.add(Thread.ofPlatform().name("load-" + i).start(client));
        }
    }

    private void stopLoad() throws InterruptedException {
        stop.set(true);
        for (Thread thread : threads) thread.join();
    }

    private long takeLongestStallMs() {
        return clients.stream().mapToLong(LoadClient::takeLongestStallNs).max().orElse(0) / 1_000_000;
    }

    private boolean finish(DataSet data) throws InterruptedException {
        stopLoad();
        List<String> failures = clients.stream()
                .map(LoadClient::failure)
                .filter(text -> !text.isEmpty())
                .toList();
        failures.forEach(text -> System.out.println("FAILED " + text));
        long wrongValues = verifyData(data);
        long wrongOwn = failures.isEmpty()
                ? clients.stream().mapToLong(LoadClient::verify).sum()
                : -1;
        long operations = clients.stream().mapToLong(LoadClient::operations).sum();
        long increments =
                clients.stream().mapToLong(LoadClient::acknowledgedIncrements).sum();
        System.out.printf(
                "verified %,d values by SHA-256: %d wrong; %,d requests of %d clients, %,d increments: %s%n",
                data.digests().size(),
                wrongValues,
                operations,
                clients.size(),
                increments,
                wrongOwn == 0 ? "every acknowledged write is there" : wrongOwn + " writes wrong");
        return failures.isEmpty() && wrongValues == 0 && wrongOwn == 0;
    }

    private long verifyData(DataSet data) {
        long wrong = 0;
        try (Jedis connection = connect()) {
            for (Map.Entry<String, byte[]> entry : data.digests().entrySet()) {
                byte[] value = connection.get(DataSet.bytes(entry.getKey()));
                boolean right = value != null && Arrays.equals(DataSet.sha256(value), entry.getValue());
                if (!right) wrong++;
            }
        }
        return wrong;
    }

    private Jedis connect() {
        return new Jedis(
                new HostAndPort("127.0.0.1", port),
                DefaultJedisClientConfig.builder()
                        .socketTimeoutMillis(TIMEOUT_MS)
                        .autoNegotiateProtocol(false)
                        .build());
    }
}
