package io.pageferry.server.nbd;

import io.pageferry.server.pool.PagingSpace;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected to which space, and the fencing of writers.
 *
 * <p>Invariant: a connection learns its right to write and is registered in one admission, and a fence excludes
 * admissions. So every connection that may write is either seen by a fence, or admitted after it.
 */
final class SpaceConnections {
    private final Map<String, Set<NbdConnection>> bySpace = new ConcurrentHashMap<>();
    private final ReadWriteLock admission = new ReentrantReadWriteLock(true);

    /** Opens an export and registers who opened it. */
    NbdConnection admit(Supplier<NbdConnection> open) {
        admission.readLock().lock();
        try {
            NbdConnection connection = open.get();
            String space = connection.space().name();
            bySpace.computeIfAbsent(space, name -> ConcurrentHashMap.newKeySet())
                    .add(connection);
            return connection;
        } finally {
            admission.readLock().unlock();
        }
    }

    void ended(NbdConnection connection) {
        of(connection.space().name()).remove(connection);
        connection.end();
    }

    int count(String space) {
        return of(space).size();
    }

    /** Fences all writers but the holder of {@code keepToken}; then runs the action, before anybody else is admitted. */
    <T> T fenced(String space, @Nullable String keepToken, Supplier<T> action) {
        admission.writeLock().lock();
        try {
            fence(space, keepToken);
            return action.get();
        } finally {
            admission.writeLock().unlock();
        }
    }

    /** Disconnects everybody; completes when none of them touches the space any more. */
    CompletableFuture<@Nullable Void> disconnect(String space) {
        CompletableFuture<?>[] all = of(space).stream()
                .map(connection -> {
                    connection.disconnect();
                    return connection.ended();
                })
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all);
    }

    private void fence(String space, @Nullable String keepToken) {
        Set<PagingSpace> touched = new HashSet<>();
        for (NbdConnection connection : of(space)) {
            if (!connection.holds(keepToken)) {
                connection.fence();
                touched.add(connection.space());
            }
        }
        touched.forEach(PagingSpace::drain);
    }

    private Set<NbdConnection> of(String space) {
        return bySpace.getOrDefault(space, Set.of());
    }
}
