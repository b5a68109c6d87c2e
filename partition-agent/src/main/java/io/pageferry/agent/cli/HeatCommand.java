package io.pageferry.agent.cli;

import io.pageferry.agent.control.Answer;
import io.pageferry.agent.control.ControlClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Shows how often the pages of a partition are used. */
@Command(name = "heat", description = "Shows how often the pages of a partition are used, as a table and a map.")
final class HeatCommand extends ServerCommand {
    private static final List<String> CLASSES = List.of("hot", "warm", "cool", "cold");

    @Parameters(paramLabel = "PARTITION", description = "The partition.")
    private String partition = "";

    @Option(names = "--png", paramLabel = "FILE", description = "Also draw the map as a picture.")
    private @Nullable Path png;

    @Override
    int run(ControlClient server) throws InterruptedException {
        Answer answer = server.get(ControlClient.path("v1", "partitions", partition, "heat"));
        if (png != null) draw(PageMapCells.of(answer.json()), png);
        return show(answer, HeatCommand::text);
    }

    private static void draw(PageMapCells cells, Path file) {
        try {
            PageMapPicture.write(cells, file);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot write " + file + ": " + failure.getMessage(), failure);
        }
    }

    private static List<String> text(JsonNode heat) {
        JsonNode counts = heat.path("counts");
        Table table = new Table("CLASS", ">READ-ONLY", ">READ-WRITE");
        for (String word : CLASSES) {
            table.row(word, pages(counts.path("read-only"), word), pages(counts.path("read-write"), word));
        }
        List<String> lines = new ArrayList<>(table.lines());
        lines.add(heat.path("page-count").asLong() + " pages, of which "
                + counts.path("holes").asLong() + " hold nothing");
        lines.add("");
        lines.addAll(PageMapCells.of(heat).lines());
        return lines;
    }

    private static String pages(JsonNode counts, String word) {
        return counts.path(word).asString("0");
    }
}
