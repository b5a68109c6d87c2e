package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.units.ByteSize;
import java.util.List;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** Lists the partitions and who has them. */
@Command(name = "partitions", description = "Lists the partitions: their state, who has them, where requests go.")
final class PartitionsCommand extends ServerCommand {
    @Override
    int run(ControlClient server) throws InterruptedException {
        return show(server.get("/v1/partitions"), PartitionsCommand::table);
    }

    private static List<String> table(JsonNode listing) {
        Table table = new Table("NAME", ">SIZE", "STATE", "AGENT", "ENDPOINT", ">EPOCH", "MIGRATION");
        for (JsonNode partition : listing.path("partitions")) {
            table.row(
                    partition.path("name").asString(),
                    ByteSize.format(partition.path("size-bytes").asLong()),
                    partition.path("state").asString(),
                    partition.path("agent").asString("-"),
                    partition.path("endpoint").asString("-"),
                    partition.path("epoch").asString(),
                    partition.path("migration").asString("-"));
        }
        return table.lines();
    }
}
