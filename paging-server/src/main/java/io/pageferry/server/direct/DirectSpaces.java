package io.pageferry.server.direct;

import io.pageferry.direct.DirectException;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.OpenRequest;
import io.pageferry.server.nbd.WriteRights;
import io.pageferry.server.pool.Pool;
import io.pageferry.server.pool.PoolException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/**
 * Who has which space open by the direct path, and the fencing of writers.
 *
 * <p>Invariant: a connection learns its right to write and is registered in one admission, and a fence excludes admissions.
 * So every connection that may write is either seen by a fence, or admitted after it.
 */
final class DirectSpaces {
    private final Pool pool;
    private final WriteRights rights;
    private final Set<OpenSpace> open = ConcurrentHashMap.newKeySet();
    private final ReadWriteLock admission = new ReentrantReadWriteLock(true);
    private volatile boolean closed;

    DirectSpaces(Pool pool, WriteRights rights) {
        this.pool = pool;
        this.rights = rights;
    }

    /** Opens a space for a connection that is ended by {@code disconnect}. @throws DirectException (REFUSED) */
    OpenSpace admit(OpenRequest request, Runnable disconnect) {
        admission.readLock().lock();
        try {
            if (closed) throw refused("the server is stopping");
            if (open.size() >= DirectServer.MAX_CONNECTIONS) {
                throw refused("there are " + DirectServer.MAX_CONNECTIONS + " connections already");
            }
            if (!pool.exists(request.space())) throw refused("there is no space '" + request.space() + "' here");
            boolean writable = mayWrite(request);
            OpenSpace space = new OpenSpace(pool.acquire(request.space()), writable, request.since(), disconnect);
            open.add(space);
            return space;
        } catch (PoolException unknown) {
            throw refused(String.valueOf(unknown.getMessage()));
        } finally {
            admission.readLock().unlock();
        }
    }

    private boolean mayWrite(OpenRequest request) {
        String token = request.leaseToken().isEmpty() ? null : request.leaseToken();
        return switch (rights.of(request.space(), token)) {
            case WRITE -> true;
            case READ -> false;
            case REFUSED -> throw refused("the lease token is not the current one of space '" + request.space() + "'");
        };
    }

    void ended(OpenSpace space) {
        open.remove(space);
        space.close();
    }

    void fence(String name) {
        admission.writeLock().lock();
        try {
            of(name).forEach(OpenSpace::fence);
        } finally {
            admission.writeLock().unlock();
        }
    }

    int count(String name) {
        return (int) of(name).count();
    }

    void disconnect(String name) {
        of(name).forEach(OpenSpace::disconnect);
    }

    void close() {
        admission.writeLock().lock();
        try {
            closed = true;
            open.forEach(OpenSpace::disconnect);
        } finally {
            admission.writeLock().unlock();
        }
    }

    private Stream<OpenSpace> of(String name) {
        return open.stream().filter(space -> space.name().equals(name));
    }

    private static DirectException refused(String why) {
        return new DirectException(DirectStatus.REFUSED, why);
    }
}
