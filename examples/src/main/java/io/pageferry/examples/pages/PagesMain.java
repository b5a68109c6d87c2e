package io.pageferry.examples.pages;

import io.pageferry.partition.AttachException;
import io.pageferry.partition.Partition;
import io.pageferry.partition.PartitionOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The program that migrations are measured with. Obeys lines on standard input: {@code rate READS WRITES} (a second),
 * {@code report} prints the latencies since the last such line as soon as nothing that was due is left to do, {@code verify} prints
 * whether all content is right; it ends with its input.
 */
@Command(
        name = "pages",
        mixinStandardHelpOptions = true,
        description = "Fills partition memory with known content, and reads and writes it at a set rate.")
public final class PagesMain implements Callable<Integer> {
    @Option(names = "--agent", required = true, paramLabel = "SOCKET", description = "The agent's Unix socket.")
    private Path agent = Path.of("");

    @Option(names = "--partition", required = true, paramLabel = "NAME", description = "The partition's name.")
    private String partition = "";

    @Option(names = "--memory-mib", required = true, paramLabel = "N", description = "The partition memory in MiB.")
    private long memoryMebibytes;

    @Option(names = "--half-zero", description = "Leave every second run of 64 pages zero.")
    private boolean halfZero;

    @Option(names = "--incoming", description = "Wait for the partition to arrive, instead of filling it.")
    private boolean incoming;

    /** Exits with 0 at the end of its input. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PagesMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        PageContent content = new PageContent(halfZero);
        Accesses accesses = new Accesses(content);
        PagesProgram program = new PagesProgram(content, accesses);
        PartitionOptions options = incoming ? PartitionOptions.waiting() : PartitionOptions.starting();
        try (Partition _ = Partition.attach(agent, partition, memoryMebibytes << 20, program, options)) {
            System.out.println("attached");
            obey(program, accesses);
        } catch (AttachException failure) {
            System.err.println("pages: " + failure.getMessage());
            return 1;
        }
        return 0;
    }

    private static void obey(PagesProgram program, Accesses accesses) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "rate" -> accesses.setRates(Long.parseLong(words[1]), Long.parseLong(words[2]));
                case "report" -> {
                    accesses.awaitDone();
                    System.out.println("report " + accesses.takeReport());
                }
                case "verify" -> System.out.println("verify " + (program.verify() ? "right" : "WRONG"));
                default -> System.out.println("unknown " + words[0]);
            }
        }
    }
}
