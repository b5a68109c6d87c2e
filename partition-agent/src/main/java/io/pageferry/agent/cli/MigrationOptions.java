package io.pageferry.agent.cli;

import io.pageferry.heat.Order;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a migration is to be carried out; what is not given is the server's to choose. */
final class MigrationOptions {
    enum AtBound {
        force,
        abort
    }

    enum Via {
        storage,
        network
    }

    enum Area {
        own,
        shared
    }

    enum Path {
        auto,
        nbd,
        direct
    }

    @Option(
            names = "--max-downtime",
            paramLabel = "TIME",
            description = "Switch over once that is expected to take no longer, such as 300ms (the default) or 1s.")
    private @Nullable Milliseconds maxDowntime;

    @Option(
            names = "--max-rounds",
            paramLabel = "N",
            description = "The most refresh rounds after the first pass (default: 20).")
    private @Nullable Integer maxRounds;

    @Option(
            names = "--at-bound",
            paramLabel = "force|abort",
            description = "When the rounds are used up: switch over all the same (default), or give up.")
    private @Nullable AtBound atBound;

    @Option(
            names = "--via",
            paramLabel = "storage|network",
            description = "Through a paging space (default), or straight from agent to agent, to compare.")
    private @Nullable Via via;

    @Option(
            names = "--area",
            paramLabel = "own|shared",
            description =
                    "Through the partition's own paging space (default), or through a space that is made for this "
                            + "migration and deleted after it.")
    private @Nullable Area area;

    @Option(names = "--streams", paramLabel = "N", description = "With --via network: its connections (default: 1).")
    private @Nullable Integer streams;

    @Option(
            names = "--path",
            paramLabel = "auto|nbd|direct",
            description =
                    "How pages go: direct where the server is on the same host (auto), by NBD, or direct. Left out, as each "
                            + "agent was told at its start.")
    private @Nullable Path path;

    @Option(
            names = "--order",
            paramLabel = "hot-cold|address|hot-first",
            converter = OrderConverter.class,
            description =
                    "In which order pages go out and come in: read-only hot to cold, then read-write cold to hot, "
                            + "and in hottest first (hot-cold); by address (the default); or hottest first both ways.")
    private @Nullable Order order;

    @Option(
            names = "--order-in",
            paramLabel = "hot-first|address",
            converter = OrderConverter.class,
            description = "In which order pages come in, if not as --order says.")
    private @Nullable Order orderIn;

    /** As the API takes them. */
    Map<String, Object> asJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        if (maxDowntime != null) {
            json.put("max-downtime-ms", maxDowntime.count());
        }
        if (maxRounds != null) {
            json.put("max-rounds", maxRounds);
        }
        if (atBound != null) {
            json.put("at-bound", atBound.name());
        }
        if (via != null) {
            json.put("via", via.name());
        }
        if (area != null) {
            json.put("area", area.name());
        }
        if (streams != null) {
            json.put("streams", streams);
        }
        if (path != null) {
            json.put("path", path.name());
        }
        Order in = orderIn == null ? order : orderIn;
        if (order != null) {
            json.put("order-out", order.word());
        }
        if (in != null) {
            json.put("order-in", in.word());
        }
        return json;
    }
}
