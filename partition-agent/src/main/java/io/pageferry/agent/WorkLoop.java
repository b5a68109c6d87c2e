package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Asks the server for work, gives each migration a run of its own, and keeps the server's list of partitions up to date. */
final class WorkLoop implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkLoop.class.getName());
    private static final int RETRY_MS = 200;
    /** After this version the server tells at once all that goes on, and all that has ended of late. */
    private static final long BEFORE_ALL = 1;

    private final Coordinator coordinator;
    private final Map<String, HostedPartition> hosted;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final Map<String, Assignment> unattached = new ConcurrentHashMap<>();
    private final Map<Thread, HostedPartition> threads = new ConcurrentHashMap<>();
    private final Arrivals arrivals;
    private final Ways ways;
    private final Thread thread;
    private final PartitionReports reports;
    private volatile boolean closing;
    private long version;

    WorkLoop(Coordinator coordinator, Map<String, HostedPartition> hosted, Arrivals arrivals, Ways ways) {
        this.coordinator = coordinator;
        this.hosted = hosted;
        this.arrivals = arrivals;
        this.ways = ways;
        this.reports = new PartitionReports(
                coordinator::reportPartitions,
                () -> hosted.values().stream().map(HostedPartition::report).toList());
        this.thread = Thread.ofPlatform().name("agent-work").daemon().unstarted(this::loop);
    }

    void register() throws InterruptedException {
        coordinator.register();
        reports.reportNow();
        // A run that is under way here may have missed its end: an end is told once.
        if (version > 0) version = BEFORE_ALL;
    }

    void start() {
        thread.start();
    }

    /** Tells the server what is hosted here. */
    void partitionsChanged() {
        reports.report();
    }

    // News of a hand-over is what a program at rest waits for; what is begun on it is ordinary work.
    private Coordinator.Work awaitWork() throws InterruptedException {
        try (var _ = Foreground.begin()) {
            return coordinator.awaitWork(version);
        }
    }

    private void loop() {
        while (!closing) {
            try {
                Coordinator.Work work = awaitWork();
                version = work.version();
                work.assignments().forEach(this::take);
            } catch (ControlException failure) {
                if (!closing) recover(failure);
            } catch (InterruptedException interrupted) {
                return;
            }
        }
    }

    // A server that has started anew knows neither session nor partitions.
    private void recover(ControlException failure) {
        LOG.log(Level.WARNING, "{0}; registering again", failure.getMessage());
        try {
            Thread.sleep(RETRY_MS);
            register();
        } catch (ControlException notYet) {
            LOG.log(Level.DEBUG, "not registered: {0}", notYet.getMessage());
        } catch (InterruptedException interrupted) {
            closing = true;
        }
    }

    private synchronized void take(Assignment assignment) {
        Run present = runs.get(assignment.id());
        if (present != null) {
            present.update(assignment);
        } else if (!assignment.state().isTerminal()) {
            begin(assignment);
        }
    }

    private void begin(Assignment assignment) {
        HostedPartition partition = hosted.get(assignment.partition());
        if (partition == null) {
            // An agent that has just started may know its work before its programs are back.
            unattached.put(assignment.partition(), assignment);
            return;
        }
        boolean isSource = assignment.source().equals(coordinator.agent()) && !assignment.isCommitted();
        boolean isTarget = assignment.target().equals(coordinator.agent());
        if (!isSource && !isTarget) return;
        Run run = isSource
                ? new SourceRun(coordinator, partition, assignment, ways, this::partitionsChanged)
                : new TargetRun(coordinator, partition, assignment, arrivals, ways, this::partitionsChanged);
        runs.put(assignment.id(), run);
        start(assignment.id(), partition, run);
    }

    /** Asks for a partition that is to begin here; returns why it may not, or nothing. */
    String claim(HostedPartition partition) throws InterruptedException {
        reports.reportNow();
        Coordinator.Ownership owner = coordinator.ownership(partition.name());
        if (owner.suspended())
            return "partition " + partition.name() + " is suspended: start with --incoming, then resume it here";
        if (owner.agent().equals(coordinator.agent())) return "";
        return "partition " + partition.name() + " is on agent " + owner.agent()
                + ": start with --incoming to wait for it";
    }

    /** Begins what has waited for the program, and decides about one whose agent has died. */
    void attached(HostedPartition partition) {
        start(
                "settle-" + partition.name(),
                partition,
                new Settlement(coordinator, arrivals, ways.manifests(), partition, this::settled));
    }

    private void settled(HostedPartition partition) {
        partitionsChanged();
        synchronized (this) {
            Assignment waiting = unattached.remove(partition.name());
            if (waiting != null) take(waiting);
        }
    }

    private void start(String name, HostedPartition partition, Runnable task) {
        Thread thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> {
            try {
                task.run();
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        threads.put(thread, partition);
        thread.start();
    }

    /** Waits until no run uses the partition. */
    void awaitIdle(HostedPartition partition) throws InterruptedException {
        for (Map.Entry<Thread, HostedPartition> one : threads.entrySet()) {
            if (one.getValue() == partition) one.getKey().join();
        }
    }

    @Override
    public void close() {
        closing = true;
        reports.close();
        thread.interrupt();
    }
}
