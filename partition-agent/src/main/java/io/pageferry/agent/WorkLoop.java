package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.ProgramFailedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Asks the server for work, gives each migration a run of its own, and keeps the server's list of partitions up to date. */
final class WorkLoop implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkLoop.class.getName());
    private static final int RETRY_MS = 200;
    private static final int SETTLE_EVERY_MS = 100;

    private final Coordinator coordinator;
    private final Map<String, HostedPartition> hosted;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final Map<Run, Thread> threads = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closing;
    private long version;

    WorkLoop(Coordinator coordinator, Map<String, HostedPartition> hosted) {
        this.coordinator = coordinator;
        this.hosted = hosted;
        this.thread = Thread.ofPlatform().name("agent-work").daemon().unstarted(this::loop);
    }

    void register() throws InterruptedException {
        coordinator.register();
        reportPartitions();
        version = 0;
    }

    void start() {
        thread.start();
    }

    /** Tells the server what is hosted here; a failure is made good by the loop, which registers anew. */
    void partitionsChanged() {
        try {
            reportPartitions();
        } catch (ControlException notNow) {
            LOG.log(Level.WARNING, "partitions not reported: {0}", notNow.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void reportPartitions() throws InterruptedException {
        coordinator.reportPartitions(
                hosted.values().stream().map(HostedPartition::report).toList());
    }

    private void loop() {
        while (!closing) {
            try {
                Coordinator.Work work = coordinator.awaitWork(version);
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

    private void take(Assignment assignment) {
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
            LOG.log(
                    Level.WARNING,
                    "{0}: no program of partition {1} is attached",
                    assignment.id(),
                    assignment.partition());
            return;
        }
        boolean isSource = assignment.source().equals(coordinator.agent()) && !assignment.isCommitted();
        boolean isTarget = assignment.target().equals(coordinator.agent());
        if (!isSource && !isTarget) return;
        Run run = isSource
                ? new SourceRun(coordinator, partition, assignment, this::partitionsChanged)
                : new TargetRun(coordinator, partition, assignment, this::partitionsChanged);
        runs.put(assignment.id(), run);
        Thread runner = Thread.ofPlatform().name(assignment.id()).daemon().unstarted(() -> {
            try {
                run.run();
            } finally {
                threads.remove(run);
            }
        });
        threads.put(run, runner);
        runner.start();
    }

    /**
     * Decides about a program at rest whose agent has died: the partition is whose the server says.
     *
     * <p>Invariant: it stays at rest until the server has answered, and a migration that is on is over or committed.
     */
    void settle(HostedPartition partition) {
        while (!closing && SourceRun.isUndecided(partition)) {
            try {
                Thread.sleep(SETTLE_EVERY_MS);
                Coordinator.Ownership ownership = coordinator.ownership(partition.name());
                boolean undecided = !ownership.migration().isEmpty()
                        && !coordinator.migration(ownership.migration()).isCommitted();
                if (undecided) continue;
                settle(partition, ownership);
                partitionsChanged();
                return;
            } catch (ControlException notYet) {
                LOG.log(Level.WARNING, "partition {0} stays at rest: {1}", partition.name(), notYet.getMessage());
            } catch (InterruptedException interrupted) {
                return;
            } catch (AttachLostException | ProgramFailedException gone) {
                LOG.log(Level.WARNING, "partition {0}: {1}", partition.name(), gone.getMessage());
                return;
            }
        }
    }

    private void settle(HostedPartition partition, Coordinator.Ownership ownership) {
        if (ownership.agent().equals(coordinator.agent()) && !ownership.suspended()) {
            byte[] held = partition.attached().quiesce();
            partition.attached().resume(partition.attached().pointer(), held);
            LOG.log(Level.INFO, "partition {0} goes on here", partition.name());
        } else {
            partition.attached().depart();
            partition.attached().awaitArrival();
            LOG.log(Level.INFO, "partition {0} runs elsewhere now", partition.name());
        }
    }

    /** Waits until no run uses the partition. */
    void awaitIdle(HostedPartition partition) {
        threads.forEach((run, runner) -> {
            if (run.hosted() != partition) return;
            try {
                runner.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
    }
}
