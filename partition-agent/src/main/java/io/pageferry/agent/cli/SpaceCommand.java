package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, shows and deletes paging spaces. */
@Command(name = "space", description = "Makes, shows and deletes paging spaces.")
final class SpaceCommand extends CommandGroup {
    private static final String SPACES = ControlClient.path("v1", "spaces");

    @Command(description = "Makes a space, all of it a hole.")
    int create(
            @Parameters(paramLabel = "NAME", description = "Letters, digits, '.', '_' and '-'.") String name,
            @Option(
                            names = "--size",
                            paramLabel = "SIZE",
                            required = true,
                            description = "How large it appears, such as 4096, 512M, 1G.")
                    ByteCount size,
            @Option(names = "--quota", paramLabel = "SIZE", description = "The most it may take of the device.")
                    @Nullable
                    ByteCount quota)
            throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("size-bytes", size.sizeBytes());
        if (quota != null) {
            body.put("quota-bytes", quota.sizeBytes());
        }
        return call(server -> server.post(SPACES, body), SpaceText::created);
    }

    @Command(description = "Lists all spaces.")
    int list() throws InterruptedException {
        return call(server -> server.get(SPACES), SpaceText::table);
    }

    @Command(description = "Shows one space.")
    int info(@Parameters(paramLabel = "NAME", description = "The space.") String name) throws InterruptedException {
        return call(server -> server.get(path(name)), SpaceText::details);
    }

    @Command(description = "Deletes a space and what it holds.")
    int delete(
            @Parameters(paramLabel = "NAME", description = "The space.") String name,
            @Option(names = "--force", description = "Also while somebody is connected or holds its lease.")
                    boolean force)
            throws InterruptedException {
        String path = path(name) + (force ? "?force=true" : "");
        return call(server -> server.delete(path), nothing -> List.of("deleted space " + name));
    }

    private static String path(String name) {
        return ControlClient.path("v1", "spaces", name);
    }
}
