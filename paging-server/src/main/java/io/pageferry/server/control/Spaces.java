package io.pageferry.server.control;

import io.pageferry.manifest.SpaceLayout;
import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.Lease;
import io.pageferry.server.catalog.SpaceRecord;
import io.pageferry.server.direct.DirectServer;
import io.pageferry.server.http.ApiException;
import io.pageferry.server.migration.SpaceMaker;
import io.pageferry.server.nbd.NbdServer;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.server.pool.Pool;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Spaces as the API deals with them: each is a file in the pool and a record in the catalog. Invariant: whatever fails, and
 * wherever the process is killed, the file decides; a record without its file, or a file without its record, is put right when
 * the server starts. Methods run one at a time, so that none sees a space half made or half deleted.
 */
final class Spaces implements SpaceMaker {
    private final Pool pool;
    private final Catalog catalog;
    private final NbdServer nbd;
    private final Optional<DirectServer> direct;

    Spaces(Pool pool, Catalog catalog, NbdServer nbd, Optional<DirectServer> direct) {
        this.pool = pool;
        this.catalog = catalog;
        this.nbd = nbd;
        this.direct = direct;
    }

    synchronized SpaceView create(String name, long sizeBytes, OptionalLong quotaBytes) {
        PagingSpace space = pool.create(name, sizeBytes, quotaBytes);
        try {
            catalog.addSpace(new SpaceRecord(name, sizeBytes, quotaBytes, Instant.now()));
        } catch (RuntimeException e) {
            pool.delete(name, true);
            throw e;
        }
        return opened(space);
    }

    /**
     * Makes sure that there is a space for a partition of {@code pageCount} pages and its manifest; 409 where it has another
     * size. Returns a sample of its sequence.
     */
    @Override
    public synchronized long ensure(String name, long pageCount) {
        long sizeBytes = SpaceLayout.sizeBytes(pageCount);
        if (!pool.exists(name)) {
            create(name, sizeBytes, OptionalLong.empty());
        }
        PagingSpace space = pool.open(name);
        long actualBytes = space.sizeBytes();
        if (actualBytes != sizeBytes) {
            throw ApiException.conflict(
                    "space " + name + " has " + actualBytes + " bytes, the partition and its manifest need "
                            + sizeBytes,
                    "delete the space, or migrate through another");
        }
        return space.directory().sequence();
    }

    @Override
    public void remove(String name) {
        if (pool.exists(name)) delete(name, true);
    }

    synchronized List<SpaceView> list() {
        return pool.list().stream().map(this::listed).toList();
    }

    /** Opens the space if it was not, so that everything is known of it. */
    synchronized SpaceView info(String name) {
        return opened(pool.open(name));
    }

    /** Refuses while somebody is connected or holds a lease, unless forced; then they are disconnected. */
    void delete(String name, boolean force) {
        deleteFileAndRecord(name, force);
        if (force) {
            nbd.disconnect(name);
            direct.ifPresent(server -> server.disconnect(name));
        }
    }

    private synchronized void deleteFileAndRecord(String name, boolean force) {
        if (!force && pool.exists(name)) {
            refuseIfConnected(name);
            refuseIfLeased(name);
        }
        pool.delete(name, force);
        if (catalog.space(name).isPresent()) {
            catalog.removeSpace(name);
        }
    }

    private void refuseIfConnected(String name) {
        int clients = connectionCount(name);
        if (clients > 0) {
            String count = clients == 1 ? "1 client is" : clients + " clients are";
            throw ApiException.conflict(
                    count + " connected to space " + name, "disconnect, or delete with ?force=true (--force)");
        }
    }

    private void refuseIfLeased(String name) {
        Optional<Lease> lease = catalog.lease(name).filter(held -> !held.isExpiredAt(Instant.now()));
        if (lease.isPresent()) {
            throw ApiException.conflict(
                    "space " + name + " is leased to " + lease.get().holder() + " until "
                            + lease.get().expires(),
                    "have it released, or delete with ?force=true (--force)");
        }
    }

    private int connectionCount(String name) {
        return nbd.connectionCount(name)
                + direct.map(server -> server.connectionCount(name)).orElse(0);
    }

    private SpaceView opened(PagingSpace space) {
        return view(
                space.name(),
                space.sizeBytes(),
                space.quotaBytes(),
                OptionalLong.of(space.usedBytes()),
                OptionalLong.of(space.directory().writtenPages()));
    }

    private SpaceView listed(Pool.SpaceInfo info) {
        return info.usedBytes().isPresent()
                ? opened(pool.open(info.name()))
                : view(info.name(), info.sizeBytes(), info.quotaBytes(), OptionalLong.empty(), OptionalLong.empty());
    }

    private SpaceView view(
            String name, long sizeBytes, OptionalLong quotaBytes, OptionalLong usedBytes, OptionalLong writtenPages) {
        return new SpaceView(
                name,
                sizeBytes,
                quotaBytes,
                usedBytes,
                writtenPages,
                connectionCount(name),
                catalog.space(name).map(SpaceRecord::created),
                catalog.lease(name).map(LeaseView::of));
    }
}
