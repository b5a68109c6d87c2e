package io.pageferry.agent.cli;

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

    enum Path {
        auto,
        nbd
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
            names = "--path",
            paramLabel = "auto|nbd",
            description = "How pages go: mapped where that is possible (default), or by NBD.")
    private @Nullable Path path;

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
        if (path != null) {
            json.put("path", path.name());
        }
        return json;
    }
}
