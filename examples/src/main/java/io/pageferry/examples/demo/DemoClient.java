package io.pageferry.examples.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
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
import redis.clients.jedis.exceptions.JedisException;

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
        if (clientCount < 1) return refused("--clients takes 1 or more, not " + clientCount);
        DataSet data;
        try {
            data = load();
        } catch (UncheckedIOException | IllegalStateException | JedisException failure) {
            return refused(text(failure));
        }
        if (data.digests().isEmpty()) return refused("nothing to load below " + folder + ": no file there has content");
        System.out.println(loaded(data));
        startLoad(data);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (line.equals("stall")) System.out.printf("stall-ms %d%n", takeLongestStallMs());
            if (line.equals("finish")) return finish(data) ? 0 : 1;
        }
        stopLoad();
        return 1;
    }

    private static int refused(String why) {
        System.out.println("FAILED " + why);
        return 1;
    }

    private static String text(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure.getMessage() + (cause == null ? "" : ": " + cause);
    }

    private static String loaded(DataSet data) {
        StringBuilder line = new StringBuilder(
                "loaded %,d values, %,d MiB".formatted(data.digests().size(), data.sizeBytes() >> 20));
        if (data.leftOutBytes() > 0) {
            line.append(
                    "; %,d MiB are left out, for which there is no room".formatted((data.leftOutBytes() >> 20) + 1));
        }
        if (!data.unreadable().isEmpty()) {
            line.append("; left out, since they cannot be read: %,d files or folders, the first %s"
                    .formatted(data.unreadable().size(), data.unreadable().getFirst()));
        }
        return line.toString();
    }

    private DataSet load() {
        try (Jedis connection = connect();
                Pipeline pipeline = connection.pipelined()) {
            int[] sent = {0};
            DataSet data = DataSet.load(folder, maxBytes, (key, value) -> {
                pipeline.set(DataSet.bytes(key), value);
                if (++sent[0] % PIPELINE == 0) requireStored(pipeline);
            });
            requireStored(pipeline);
            return data;
        }
    }

    private static void requireStored(Pipeline pipeline) {
        for (Object answer : pipeline.syncAndReturnAll()) {
            if (!"OK".equals(answer)) throw new IllegalStateException("the store did not take a value: " + answer);
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
        return clients.stream()
                        .mapToLong(client -> client.stalls().takeLongestNs())
                        .max()
                        .orElse(0)
                / 1_000_000;
    }

    private boolean finish(DataSet data) throws InterruptedException {
        stopLoad();
        List<String> failures = new ArrayList<>();
        for (LoadClient client : clients) {
            if (!client.failure().isEmpty()) failures.add(client.failure());
            else if (client.operations() == 0) failures.add("a client has done nothing at all");
        }
        long wrongValues = 0;
        long wrongOwn = 0;
        try {
            wrongValues = verifyData(data);
            if (failures.isEmpty())
                wrongOwn = clients.stream().mapToLong(LoadClient::verify).sum();
        } catch (RuntimeException failure) {
            failures.add("the comparison ended early: " + failure);
        }
        failures.forEach(text -> System.out.println("FAILED " + text));
        long operations = clients.stream().mapToLong(LoadClient::operations).sum();
        long increments =
                clients.stream().mapToLong(LoadClient::acknowledgedIncrements).sum();
        String own = wrongOwn == 0 ? "every acknowledged write is there" : wrongOwn + " writes wrong";
        System.out.printf(
                "verified %,d values by SHA-256: %d wrong; %,d requests of %d clients, %,d increments: %s%n",
                data.digests().size(),
                wrongValues,
                operations,
                clients.size(),
                increments,
                failures.isEmpty() ? own : "not all compared, since something failed");
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
