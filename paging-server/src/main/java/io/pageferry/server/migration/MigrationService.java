package io.pageferry.server.migration;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.http.ApiException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The coordinator of migrations: what agents and operators may ask, each a method that refuses with {@link ApiException} or
 * {@link StepRefusedException}, having changed nothing. Thread-safe; methods may wait for the device.
 */
public final class MigrationService implements AutoCloseable {
    /** An agent that was not seen for so long is not alive. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOGGER = System.getLogger(MigrationService.class.getName());
    private static final Duration ENDED_ARE_TOLD = Duration.ofMinutes(10);

    private final Topics topics = new Topics();
    private final HeatBook heatBook = new HeatBook();
    private final ProgressBook progressBook = new ProgressBook();
    private final Ledger ledger;
    private final Agents agents;
    private final Views views;
    private final Areas areas;
    private final Requests requests;
    private final Reports reports;
    private final CommitStep commitStep;
    private final Attachments attachments;
    private final Liveness liveness;
    private final LeaseKeeper leaseKeeper;
    private final Duration patience;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("agent-liveness").factory());

    private MigrationService(Catalog catalog, SpaceMaker spaces, Duration patience) {
        this.patience = patience;
        ledger = Ledger.open(catalog);
        agents = new Agents(patience, System::nanoTime);
        Whereabouts whereabouts = new Whereabouts(ledger, agents);
        views = new Views(ledger, agents, whereabouts, progressBook);
        Steps steps = new Steps(ledger, topics, progressBook);
        areas = new Areas(ledger, steps, spaces);
        requests =
                new Requests(ledger, steps, new Admission(ledger, agents, whereabouts, views), spaces, areas, agents);
        reports = new Reports(ledger, steps, topics, progressBook);
        commitStep = new CommitStep(ledger, steps, agents, progressBook);
        attachments = new Attachments(ledger, steps, topics, agents);
        liveness = new Liveness(ledger, steps, topics, agents, whereabouts);
        leaseKeeper = new LeaseKeeper(ledger, catalog);
        ledger.state()
                .migrations()
                .forEach(migration -> progressBook.of(migration.id()).stepped(topics.startVersion()));
    }

    /** Takes up what the catalog holds, and watches over the agents from here on. */
    public static MigrationService start(Catalog catalog, SpaceMaker spaces) {
        return start(catalog, spaces, PATIENCE);
    }

    /** As {@link #start(Catalog, SpaceMaker)}, where agents that were not seen for {@code patience} are not alive. */
    public static MigrationService start(Catalog catalog, SpaceMaker spaces, Duration patience) {
        MigrationService service = new MigrationService(catalog, spaces, patience);
        long everyMs = Math.max(1, patience.toMillis() / 20);
        service.schedule(service.liveness::check, everyMs);
        service.schedule(service.areas::tidy, everyMs);
        service.schedule(service.leaseKeeper::keep, TimeUnit.HOURS.toMillis(1));
        return service;
    }

    private void schedule(Runnable task, long everyMs) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                // One failed look must not end the watch: the journal may be writable again at the next.
                LOGGER.log(Level.WARNING, "watching over agents and leases failed, and goes on", e);
            }
        };
        ScheduledFuture<?> untilClosed = watch.scheduleWithFixedDelay(guarded, 0, everyMs, TimeUnit.MILLISECONDS);
        LOGGER.log(Level.TRACE, "scheduled {0}", untilClosed);
    }

    // Agents.

    /**
     * Begins a session of an agent; returns its token.
     *
     * @param place where its programs attach, such that only one process can serve it; empty if it does not say
     */
    public String register(String name, long processId, String started, String place) {
        Optional<Agent> before = agents.agent(name);
        Agent agent = agents.register(name, processId, started, place);
        if (before.filter(old -> !old.isProcess(processId, started)).isPresent()) {
            liveness.left(name, "was restarted");
        }
        return agent.session();
    }

    /** Notes where an agent takes pages straight from other agents; nowhere, if absent. */
    public void streamsAt(String name, Optional<String> address) {
        agents.agent(name).ifPresent(agent -> agent.streamsAt(address));
    }

    /** Ends a session: the agent has left. */
    public void deregister(String name, Optional<String> session) {
        agents.remove(agents.authenticate(name, session));
        liveness.left(name, "has left");
    }

    /** Replaces what an agent hosts. */
    public void host(String name, Optional<String> session, Collection<HostedPartition> partitions) {
        attachments.host(agents.authenticate(name, session), partitions);
    }

    public List<AgentView> agents() {
        return agents.all().stream().map(views::of).toList();
    }

    /** The migrations that concern an agent, and the version to ask after next time. */
    public record Work(long version, List<MigrationView> migrations) {}

    /**
     * Waits for a step of the agent's migrations after a version; what it answers are those that are not over, and those that
     * ended since. It waits no longer than a third of the time after which the agent would count as gone.
     */
    public Work work(String name, Optional<String> session, long after, long waitMs) throws InterruptedException {
        agents.authenticate(name, session);
        long version = topics.await(Topics.agent(name), after, Math.min(waitMs, patience.toMillis() / 3));
        agents.authenticate(name, session);
        List<MigrationView> migrations = ledger.state().migrations().stream()
                .filter(migration -> migration.involves(name))
                .filter(migration -> !migration.isOver() || endedAfter(migration, after))
                .map(migration -> views.of(migration, version, name))
                .toList();
        return new Work(version, migrations);
    }

    private boolean endedAfter(MigrationRecord migration, long after) {
        return after > 0
                && progressBook.of(migration.id()).stepVersion() > after
                && migration
                        .ended()
                        .filter(ended -> ended.isAfter(Instant.now().minus(ENDED_ARE_TOLD)))
                        .isPresent();
    }

    // Partitions.

    public List<PartitionView> partitions() {
        LedgerState state = ledger.state();
        List<PartitionView> all = new ArrayList<>(state.partitions().stream()
                .map(partition -> views.of(state, partition, topics.startVersion()))
                .toList());
        incoming()
                .filter(view -> all.stream().noneMatch(known -> known.name().equals(view.name())))
                .toList()
                .forEach(all::add);
        return all;
    }

    /** The partition, once it has changed after a version, or the time is over. */
    public PartitionView partition(String name, long after, long waitMs) throws InterruptedException {
        requirePartition(name, topics.startVersion());
        long version = topics.await(Topics.partition(name), after, waitMs);
        return requirePartition(name, version);
    }

    private PartitionView requirePartition(String name, long version) {
        LedgerState state = ledger.state();
        return state.partition(name)
                .map(partition -> views.of(state, partition, version))
                .or(() -> incoming().filter(view -> view.name().equals(name)).findFirst())
                .orElseThrow(() -> ApiException.notFound(
                        "there is no partition " + name, "see which there are: pageferry partitions"));
    }

    private Stream<PartitionView> incoming() {
        return agents.all().stream()
                .filter(agents::isAlive)
                .flatMap(agent -> agent.hosted().stream()
                        .filter(HostedPartition::isIncoming)
                        .map(program -> views.ofIncoming(agent.name(), program, topics.startVersion())));
    }

    /** Takes the heat of a partition that runs on an agent. @throws ApiException 409 if it does not run there */
    public void heat(String agent, Optional<String> session, HeatView heat) {
        boolean runsThere = agents.authenticate(agent, session)
                .hosted(heat.partition())
                .filter(HostedPartition::isLive)
                .isPresent();
        if (!runsThere) {
            throw ApiException.conflict(
                    "partition " + heat.partition() + " does not run on agent " + agent,
                    "report what runs there first");
        }
        heatBook.put(heat);
    }

    public HeatView heat(String partition) throws InterruptedException {
        requirePartition(partition, topics.startVersion());
        return heatBook.of(partition)
                .orElseThrow(() -> ApiException.notFound(
                        "nothing is known of the heat of " + partition,
                        "its agent reports what it samples, and what a migration has told it:"
                                + " partition-agent.sh --heat-interval"));
    }

    // Migrations.

    public MigrationView create(MigrationRequest request) {
        return views.of(requests.create(request), topics.startVersion());
    }

    /** All migrations that are kept, the oldest first. */
    public List<MigrationView> migrations() {
        return ledger.state().migrations().stream()
                .map(migration -> views.of(migration, topics.startVersion()))
                .toList();
    }

    /** The migration, once it has changed after a version (figures included), or the time is over. */
    public MigrationView migration(String id, long after, long waitMs) throws InterruptedException {
        requireMigration(id);
        long version = topics.await(Topics.migration(id), after, waitMs);
        return views.of(requireMigration(id), version);
    }

    public MigrationView cancel(String id) {
        try {
            return views.of(requests.cancel(requireMigration(id)), topics.startVersion());
        } catch (RefusedStep e) {
            throw new StepRefusedException(e.error(), views.of(e.migration(), topics.startVersion()));
        }
    }

    /** What one side says of a migration; returns the migration afterwards. */
    public MigrationView report(String id, Side side, Optional<String> session, Report report) {
        return asPeer(id, side, session, migration -> reports.take(migration, side, report));
    }

    /** The source asks for the partition to change hands; the same answer however often it asks. */
    public MigrationView commit(String id, Optional<String> session, String leaseToken) {
        return asPeer(id, Side.SOURCE, session, migration -> commitStep.commit(migration, leaseToken));
    }

    private interface PeerStep {
        MigrationRecord of(MigrationRecord migration);
    }

    private MigrationView asPeer(String id, Side side, Optional<String> session, PeerStep step) {
        String agent = agents.authenticate(session).name();
        MigrationRecord migration = requireMigration(id);
        boolean concerned = side == Side.SOURCE ? migration.isSource(agent) : migration.isTarget(agent);
        if (!concerned) {
            throw ApiException.forbidden(
                    "agent " + agent + " is not the " + side.word() + " of " + id,
                    "only that agent may report it or commit");
        }
        try {
            return views.of(step.of(migration), topics.startVersion(), agent);
        } catch (RefusedStep e) {
            throw new StepRefusedException(e.error(), views.of(e.migration(), topics.startVersion(), agent));
        }
    }

    private MigrationRecord requireMigration(String id) {
        return ledger.state()
                .migration(id)
                .orElseThrow(() ->
                        ApiException.notFound("there is no migration " + id, "see which there are: pageferry status"));
    }

    /** Stops watching. A look that is being taken ends first: an interrupt would close the journal under its commit. */
    @Override
    public void close() {
        watch.close();
    }
}
