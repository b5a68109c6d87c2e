package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** Lists the agents and what they host. */
@Command(name = "agents", description = "Lists the agents and the programs that they host.")
final class AgentsCommand extends ServerCommand {
    @Override
    int run(ControlClient server) throws InterruptedException {
        return show(server.get("/v1/agents"), AgentsCommand::table);
    }

    private static List<String> table(JsonNode listing) {
        Table table = new Table("NAME", "ALIVE", ">SEEN", "PROGRAMS");
        for (JsonNode agent : listing.path("agents")) {
            List<String> programs = new ArrayList<>();
            for (JsonNode program : agent.path("partitions")) {
                programs.add(program.path("name").asString() + " ("
                        + program.path("state").asString() + ")");
            }
            table.row(
                    agent.path("name").asString(),
                    agent.path("alive").asBoolean() ? "yes" : "no",
                    agent.path("last-seen-ms-ago").asLong() / 1000 + " s ago",
                    programs.isEmpty() ? "-" : String.join(", ", programs));
        }
        return table.lines();
    }
}
