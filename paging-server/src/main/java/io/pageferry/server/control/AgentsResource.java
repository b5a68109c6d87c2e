package io.pageferry.server.control;

import io.pageferry.attach.ProgramState;
import io.pageferry.server.http.ApiException;
import io.pageferry.server.http.JsonFields;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import io.pageferry.server.migration.AgentView;
import io.pageferry.server.migration.HostedPartition;
import io.pageferry.server.migration.MigrationService;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Agents: they register, say what they host, and ask for work. What is theirs needs the session that they got. */
final class AgentsResource implements Resource {
    static final String SESSION_HEADER = "Pageferry-Session";

    private static final String AGENTS = "/v1/agents";
    private static final String AGENT = "/v1/agents/{name}";
    private static final int MAX_PARTITIONS = 256;
    private static final long MAX_SIZE_BYTES = 1L << 46;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern ENDPOINT = Pattern.compile("\\S{1,255}:\\d{1,5}");

    private final MigrationService migrations;
    private final Supplier<NbdAddresses> nbd;

    AgentsResource(MigrationService migrations, Supplier<NbdAddresses> nbd) {
        this.migrations = migrations;
        this.nbd = nbd;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(AGENTS, request -> Reply.ok(new Listing(migrations.agents()))),
                Route.json("POST", AGENTS, this::register),
                Route.delete(AGENT, this::deregister),
                Route.json("PUT", AGENT + "/partitions", this::host),
                Route.get(AGENT + "/work", this::work)
                        .withQuery(LongPoll.AFTER, LongPoll.WAIT_MS)
                        .waiting());
    }

    static Optional<String> session(Request request) {
        return request.header(SESSION_HEADER);
    }

    private Reply register(Request request) {
        JsonFields fields = request.fields("name", "process-id", "started", "serves", "stream");
        String name = fields.string("name");
        String session = migrations.register(
                name,
                fields.wholeNumber("process-id", "the process", 0, Long.MAX_VALUE),
                fields.optionalString("started").orElse(""),
                fields.optionalString("serves").orElse(""));
        migrations.streamsAt(name, address(fields, "stream"));
        return Reply.ok(new Registered(
                name, session, nbd.get().server(), nbd.get(), nbd.get().direct()));
    }

    private Reply deregister(Request request) {
        migrations.deregister(request.variable("name"), session(request));
        return Reply.noContent();
    }

    private Reply host(Request request) {
        List<HostedPartition> partitions = request
                .fields("partitions")
                .objects("partitions", MAX_PARTITIONS, "name", "size-bytes", "state", "endpoint", "process-id")
                .stream()
                .map(AgentsResource::hosted)
                .toList();
        Set<String> names = new HashSet<>();
        for (HostedPartition partition : partitions) {
            if (!names.add(partition.name())) {
                throw ApiException.badRequest(
                        "partition " + partition.name() + " is there twice", "give each partition once");
            }
        }
        migrations.host(request.variable("name"), session(request), partitions);
        return Reply.noContent();
    }

    private static HostedPartition hosted(JsonFields fields) {
        String name = fields.string("name");
        if (!NAME.matcher(name).matches()) {
            throw ApiException.badRequest(
                    "'" + name + "' is not a name for a partition",
                    "use 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit");
        }
        long sizeBytes = fields.wholeNumber("size-bytes", "bytes", 4096, MAX_SIZE_BYTES);
        if (sizeBytes % 4096 != 0) {
            throw ApiException.badRequest("\"size-bytes\" is not whole pages", "give a multiple of 4096 bytes");
        }
        Optional<String> endpoint = address(fields, "endpoint");
        return new HostedPartition(
                name,
                sizeBytes,
                state(fields.string("state")),
                endpoint,
                fields.optionalWholeNumber("process-id", "the process", 0, Long.MAX_VALUE)
                        .orElse(0));
    }

    private static Optional<String> address(JsonFields fields, String name) {
        Optional<String> address = fields.optionalString(name);
        if (address.filter(text -> !ENDPOINT.matcher(text).matches()).isPresent()) {
            throw ApiException.badRequest("\"" + name + "\" is not an address", "give host:port, or leave it out");
        }
        return address;
    }

    private static ProgramState state(String word) {
        return Arrays.stream(ProgramState.values())
                .filter(state -> state.word().equals(word))
                .findFirst()
                .orElseThrow(() -> ApiException.badRequest(
                        "\"state\" is not that of a program",
                        "give one of "
                                + Arrays.stream(ProgramState.values())
                                        .map(ProgramState::word)
                                        .collect(Collectors.joining(", "))));
    }

    private Reply work(Request request) throws InterruptedException {
        LongPoll poll = LongPoll.of(request);
        return Reply.ok(migrations.work(request.variable("name"), session(request), poll.after(), poll.waitMs()));
    }

    record Listing(List<AgentView> agents) {}

    record Registered(
            String name, String session, Optional<UUID> serverId, NbdAddresses nbd, Optional<String> direct) {}
}
