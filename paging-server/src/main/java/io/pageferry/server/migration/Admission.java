package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import io.pageferry.server.http.ApiException;
import java.util.Optional;

/** Checks whether a migration may begin; every refusal says what is wrong and what to do, and changes nothing. */
final class Admission {
    private final Ledger ledger;
    private final Agents agents;
    private final Whereabouts whereabouts;
    private final Views views;

    Admission(Ledger ledger, Agents agents, Whereabouts whereabouts, Views views) {
        this.ledger = ledger;
        this.agents = agents;
        this.whereabouts = whereabouts;
        this.views = views;
    }

    /** The partition, if the request may be carried out now. */
    PartitionRecord check(MigrationRequest request) {
        PartitionRecord partition = requirePartition(request.partition());
        requireWay(request);
        requireArea(request);
        switch (request.kind()) {
            case MIGRATE -> {
                requireRunning(partition);
                requireNoOther(partition);
                if (request.options().byNetwork()) requireArrived(partition);
                requireTarget(partition, requireTo(request));
            }
            case SUSPEND -> {
                requireRunning(partition);
                requireNoOther(partition);
                request.to().ifPresent(to -> {
                    throw ApiException.badRequest("a suspend has no target", "leave \"to\" out, or ask for a migrate");
                });
            }
            case RESUME -> {
                if (!partition.suspended()) requireLost(partition, request.force());
                else requireNoOther(partition);
                requireTarget(partition, requireTo(request));
            }
        }
        return partition;
    }

    private static void requireWay(MigrationRequest request) {
        if (!request.options().byNetwork() || request.kind() == MigrationKind.MIGRATE) return;
        throw ApiException.badRequest(
                "by the network pages go from agent to agent, and a "
                        + request.kind().word() + " has one alone",
                "leave \"via\" out: a " + request.kind().word() + " goes through the partition's space");
    }

    private static void requireArea(MigrationRequest request) {
        if (!request.options().area().equals(MigrationOptions.SHARED)) return;
        if (request.kind() != MigrationKind.MIGRATE) {
            throw ApiException.badRequest(
                    "a shared area lasts as long as its migration, and a suspended partition needs a place that lasts",
                    "leave \"area\" out: a " + request.kind().word() + " goes through the partition's own space");
        }
        if (request.options().byNetwork()) {
            throw ApiException.badRequest(
                    "a migration by the network goes through no space", "give \"area\" or \"via\": network, not both");
        }
    }

    private PartitionRecord requirePartition(String name) {
        return ledger.state().partition(name).orElseThrow(() -> {
            Optional<Agent> waiting = agents.all().stream()
                    .filter(agent -> agent.hosted(name).isPresent())
                    .findFirst();
            return waiting.isPresent()
                    ? ApiException.notFound(
                            "partition " + name + " runs nowhere: agent "
                                    + waiting.get().name() + " only has a program that waits for it",
                            "start its program on another agent, without --incoming")
                    : ApiException.notFound(
                            "there is no partition " + name, "see which there are: pageferry partitions");
        });
    }

    private void requireRunning(PartitionRecord partition) {
        if (partition.suspended()) {
            throw ApiException.conflict(
                    "partition " + partition.name() + " is suspended",
                    "resume it: pageferry resume " + partition.name() + " --on AGENT");
        }
        String owner = partition.agent().orElse("?");
        if (!whereabouts.isHeld(partition)) {
            throw ApiException.conflict(
                    "partition " + partition.name() + " is lost: agent " + owner + " does not have it any more",
                    "start agent " + owner + " again; if its program has died: pageferry resume " + partition.name()
                            + " --on AGENT");
        }
    }

    /**
     * Whether a partition that was not suspended may be brought back as it was at its last commit.
     *
     * <p>Invariant: nobody runs it any more, as its agent says or the operator vouches for, and the space holds it whole.
     */
    private void requireLost(PartitionRecord partition, boolean force) {
        String name = partition.name();
        String owner = partition.agent().orElse("?");
        switch (whereabouts.of(partition)) {
            case HELD, NOT_SEEN_YET ->
                throw ApiException.conflict(
                        "partition " + name + " is not suspended: agent " + owner + " has it",
                        "to move it while it runs: pageferry migrate " + name + " --to AGENT");
            case OUT_OF_SIGHT -> {
                if (!force) {
                    throw ApiException.conflict(
                            "agent " + owner + " is gone, and partition " + name + " may still run beside it",
                            "start agent " + owner + " again; if its host is dead: pageferry resume " + name
                                    + " --on AGENT --force");
                }
            }
            case GONE -> {}
        }
        if (!partition.spaceIsCurrent()) {
            throw ApiException.conflict(
                    "partition " + name + " is lost, and its space does not hold it whole",
                    "start its program anew on an agent, without --incoming");
        }
    }

    private void requireNoOther(PartitionRecord partition) {
        for (MigrationRecord other : ledger.state().inFlight(partition.name())) {
            if (other.state() != MigrationState.POSTCOPY_ACTIVE) {
                throw ApiException.conflict(
                        "partition " + partition.name() + " is already migrating (" + other.id() + ", "
                                + other.state().word() + ")",
                        "wait for it: pageferry status " + other.id() + " --watch; or pageferry cancel " + other.id());
            }
            if (!views.isResumed(other)) {
                throw ApiException.conflict(
                        "partition " + partition.name() + " is just being switched over (" + other.id() + ")",
                        "try again when it runs on agent " + other.target().orElse("?"));
            }
        }
    }

    // The source makes sure of it once more: an arrival that has failed is over, and pages of it may be in the space
    // still.
    private void requireArrived(PartitionRecord partition) {
        ledger.state().inFlight(partition.name()).stream()
                .filter(arriving -> !arriving.options().byNetwork())
                .findFirst()
                .ifPresent(arriving -> {
                    throw ApiException.conflict(
                            "pages of partition " + partition.name() + " are in its space alone as long as "
                                    + arriving.id() + " fills, and none of them goes by the network",
                            "wait for it: pageferry status " + arriving.id() + " --watch; or leave \"via\" out");
                });
    }

    private static String requireTo(MigrationRequest request) {
        return request.to()
                .orElseThrow(() -> ApiException.badRequest("\"to\" is missing", "give \"to\", the name of an agent"));
    }

    private void requireTarget(PartitionRecord partition, String target) {
        Agent agent = agents.agent(target)
                .orElseThrow(() ->
                        ApiException.notFound("there is no agent " + target, "see which there are: pageferry agents"));
        if (!agents.isAlive(agent)) {
            throw ApiException.conflict("agent " + target + " is not alive", "start it again");
        }
        if (partition.isOwnedBy(target) && whereabouts.of(partition) != Whereabouts.Program.GONE) {
            throw ApiException.conflict(
                    "partition " + partition.name() + " is on agent " + target + " already", "name another agent");
        }
        HostedPartition program = agent.hosted(partition.name())
                .filter(HostedPartition::isIncoming)
                .orElseThrow(() -> ApiException.conflict(
                        "agent " + target + " has no incoming program for partition " + partition.name(),
                        "start its program there, so that it waits for the partition"));
        if (program.sizeBytes() != partition.sizeBytes()) {
            String how = program.sizeBytes() < partition.sizeBytes() ? "small" : "large";
            throw ApiException.conflict(
                    "the program on agent " + target + " is too " + how + " for partition " + partition.name()
                            + ": it has " + program.sizeBytes() + " bytes, the partition " + partition.sizeBytes(),
                    "start it there with a memory of " + partition.sizeBytes() + " bytes");
        }
    }
}
