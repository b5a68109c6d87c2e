package io.pageferry.agent;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.direct.DirectClient;
import io.pageferry.direct.DirectException;
import io.pageferry.direct.DirectPathIn;
import io.pageferry.direct.DirectPathOut;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.OpenRequest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.migration.Progress;
import io.pageferry.migration.Timeline;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdUri;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.path.FallbackPathIn;
import io.pageferry.path.FallbackPathOut;
import io.pageferry.path.NbdPagePathOut;
import io.pageferry.path.PagePathException;
import io.pageferry.path.PagePathIn;
import io.pageferry.path.PagePathOut;
import io.pageferry.stream.LandedPathIn;
import io.pageferry.stream.ManifestFile;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.StreamPathIn;
import io.pageferry.stream.StreamPathOut;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Opens the page paths of one migration: direct or NBD, and NBD behind direct, or streams from agent to agent. Says in the figures
 * which it is.
 */
final class PathOpener {
    private static final Logger LOG = System.getLogger(PathOpener.class.getName());

    private final Coordinator coordinator;
    private final HostedPartition hosted;
    private final Ways ways;
    private final Assignment assignment;
    private final PathChoice choice;
    private final Progress progress;
    private final Timeline timeline;
    private final Patience patience;

    /** @param patience how long a path that has broken waits for a server to go on by */
    PathOpener(
            Coordinator coordinator,
            HostedPartition hosted,
            Ways ways,
            Assignment assignment,
            Progress progress,
            Timeline timeline,
            Patience patience) {
        this.patience = patience;
        this.coordinator = coordinator;
        this.hosted = hosted;
        this.ways = ways;
        this.assignment = assignment;
        this.choice = ways.choice().unless(assignment.route().path());
        this.progress = progress;
        this.timeline = timeline;
    }

    /** The way out. @throws MigrationFailedException if there is none */
    PagePathOut out() {
        return assignment.route().byNetwork() ? streamsOut() : storageOut(assignment.space(), assignment.leaseToken());
    }

    /** The way in, to the memory of a program that waits. @throws MigrationFailedException if there is none */
    PagePathIn in(WaitingMemory memory) {
        return assignment.route().byNetwork() ? streamsIn(memory) : storageIn();
    }

    /**
     * The way in of what had come by streams to the agent before this one.
     *
     * @param manifest what had come of it, closed with the path
     * @param memory as that agent left it
     */
    PagePathIn landed(ManifestFile manifest, WaitingMemory memory, BooleanSupplier isCommitted) {
        AttachedPartition partition = hosted.attached();
        return new LandedPathIn(
                new SpaceLayout(partition.pageCount()), partition.memory(), memory, manifest, isCommitted);
    }

    private PagePathOut streamsOut() {
        Route route = assignment.route();
        int colon = route.targetStream().lastIndexOf(':');
        if (colon < 0) throw new MigrationFailedException("agent " + assignment.target() + " takes no streams");
        InetSocketAddress address = new InetSocketAddress(
                route.targetStream().substring(0, colon),
                Integer.parseInt(route.targetStream().substring(colon + 1)));
        progress.set("streams", route.streams());
        try {
            return StreamPathOut.connect(address, assignment.id(), route.streamToken(), route.streams());
        } catch (StreamException unreachable) {
            throw new MigrationFailedException(String.valueOf(unreachable.getMessage()), unreachable);
        }
    }

    private PagePathIn streamsIn(WaitingMemory memory) {
        AttachedPartition partition = hosted.attached();
        progress.set("streams", assignment.route().streams());
        return new StreamPathIn(
                new SpaceLayout(partition.pageCount()),
                partition.memory(),
                memory,
                ways.manifests().create(hosted.name(), assignment.id()),
                path -> ways.streams()
                        .expect(assignment.id(), assignment.route().streamToken(), path));
    }

    private PagePathOut storageOut(String space, String leaseToken) {
        Optional<PagePathOut> direct = direct(leaseToken, client -> new DirectPathOut(client, hosted.spaceMappings()));
        if (direct.isEmpty()) return nbdOut(space, leaseToken);
        return new FallbackPathOut(
                direct.get(), () -> fallBack(() -> nbdOut(space, leaseToken)), PathOpener::isOfThePath);
    }

    // By the space's name alone: reading needs no lease, and the source's writes are not ours to make.
    private PagePathIn storageIn() {
        Optional<PagePathIn> direct = direct("", client -> new DirectPathIn(client, hosted.spaceMappings()));
        return direct.isEmpty() ? nbdIn() : new FallbackPathIn(direct.get(), () -> fallBack(this::nbdIn));
    }

    // A full device, or a lease that is another's, is the same by every path.
    private static boolean isOfThePath(PagePathException failure) {
        boolean full = failure.getCause() instanceof DirectException direct && direct.status() == DirectStatus.NO_SPACE;
        return !failure.isFenced() && !full;
    }

    private <P> Optional<P> direct(String leaseToken, Function<DirectClient, P> path) {
        OpenRequest request = new OpenRequest(assignment.space(), leaseToken, assignment.spaceSequence());
        Optional<P> opened =
                new DirectOpening(choice, coordinator.directSocket(), coordinator.server()).open(request, path);
        progress.set("direct-path", opened.isPresent() ? 1 : 0);
        return opened;
    }

    /**
     * Invariant: a server that starts anew breaks the direct path, and costs no more than the time until it is back. Whoever gave up
     * before might be the target whose source hears of its commit from the new server: nobody would have the partition.
     */
    private <P> P fallBack(Supplier<P> open) {
        P other = patience.open(open);
        LOG.log(Level.WARNING, "the direct path has broken; going on by NBD");
        progress.set("direct-path", 0);
        progress.add("path-fallbacks", 1);
        timeline.mark("fall-back-to-nbd");
        return other;
    }

    private PagePathOut nbdOut(String space, String leaseToken) {
        return new NbdPagePathOut(NbdOpening.open(
                coordinator.leasedSpace(space, leaseToken), NbdClientOptions.DEFAULT, this::noteSocket));
    }

    private PagePathIn nbdIn() {
        return Arrivals.openPath(
                coordinator.spaceSince(assignment.space(), assignment.spaceSequence()), this::noteSocket);
    }

    private void noteSocket(NbdUri uri) {
        progress.set("nbd-unix", uri.socket() == null ? 0 : 1);
    }
}
