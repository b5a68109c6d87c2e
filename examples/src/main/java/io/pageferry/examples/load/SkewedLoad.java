package io.pageferry.examples.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * Loads keys, then keeps a skewed load on them as lines on standard input say: {@code pace REQUESTS_PER_SECOND WRITE_PERCENT},
 * {@code latency FROM_NS TO_NS} (times since 1970; answers {@code count p50-us p99-us max-us}), {@code requests} (answers how
 * many there were), {@code stop}. Each answer is one line.
 */
@Command(name = "skewed-load", mixinStandardHelpOptions = true)
public final class SkewedLoad implements Callable<Integer> {
    private static final double THETA = 0.99;
    private static final int TIMEOUT_MS = 60_000;
    private static final int BATCH = 200;

    @Option(names = "--port", required = true)
    private int port;

    @Option(names = "--keys", defaultValue = "100000")
    private int keys;

    @Option(names = "--value-bytes", defaultValue = "1024")
    private int valueBytes;

    @Option(names = "--connections", defaultValue = "16")
    private int connections;

    private final List<PacedClient> clients = new ArrayList<>();

    /** Exits with 0 after {@code stop} or at the end of its input. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SkewedLoad()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        load();
        Zipf zipf = new Zipf(keys, THETA);
        for (int i = 0; i < connections; i++) {
            PacedClient client = new PacedClient(connect(), zipf, valueBytes, i);
            clients.add(client);
            Thread.ofPlatform().daemon().name("load-" + i).start(client);
        }
        System.out.println("loaded " + keys);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && !line.equals("stop"); line = lines.readLine()) {
            System.out.println(answer(line.split(" ")));
        }
        clients.forEach(PacedClient::stop);
        return 0;
    }

    private void load() {
        Random random = new Random(1);
        byte[] value = new byte[valueBytes];
        try (Jedis connection = connect()) {
            for (int first = 0; first < keys; first += BATCH) {
                Pipeline pipeline = connection.pipelined();
                for (int key = first; key < Math.min(first + BATCH, keys); key++) {
                    random.nextBytes(value);
                    pipeline.set(PacedClient.key(key), value.clone());
                }
                pipeline.sync();
            }
        }
    }

    private Jedis connect() {
        return new Jedis("127.0.0.1", port, TIMEOUT_MS);
    }

    private String answer(String[] words) {
        return switch (words[0]) {
            case "pace" -> {
                double each = Double.parseDouble(words[1]) / connections;
                double writeShare = Double.parseDouble(words[2]) / 100;
                clients.forEach(client -> client.pace(new PacedClient.Pace(each, writeShare)));
                yield "paced";
            }
            case "latency" -> latency(Long.parseLong(words[1]), Long.parseLong(words[2]));
            case "requests" ->
                Long.toString(clients.stream().mapToLong(PacedClient::requests).sum());
            default -> "unknown " + words[0];
        };
    }

    private String latency(long fromNs, long toNs) {
        long[] all = clients.stream()
                .flatMapToLong(client -> LongStream.of(client.latencies().between(fromNs, toNs)))
                .toArray();
        Arrays.sort(all);
        if (all.length == 0) return "0 0 0 0";
        return String.format(
                Locale.ROOT,
                "%d %d %d %d",
                all.length,
                all[all.length / 2] / 1000,
                all[(int) (all.length * 0.99)] / 1000,
                all[all.length - 1] / 1000);
    }
}
