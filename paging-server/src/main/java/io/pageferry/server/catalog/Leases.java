package io.pageferry.server.catalog;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may write which space.
 *
 * <p><b>Invariant:</b> no write of an older epoch lands after the new holder knows that it holds. For each change of hands
 * goes: admit nobody, cut off everybody, commit, admit the new holder, tell it. And <b>epochs never fall</b>: a space's
 * last epoch stays on record when its lease is released, and when the space is removed it raises the floor under all new
 * ones.
 */
final class Leases {
    /** Every epoch handed out by an acquisition is above this record. */
    static final String FLOOR_KEY = "epoch-floor";

    private static final Duration MAX_TTL = Duration.ofDays(7);
    private static final int TOKEN_BYTES = 16;
    private static final int LOCKS = 64;

    private final RecordStore records;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Lock[] locks = new Lock[LOCKS];
    private final Lock floorLock = new ReentrantLock();
    private final Set<String> changingHands = ConcurrentHashMap.newKeySet();
    private volatile Fence fence = (space, newEpoch) -> {};

    Leases(RecordStore records, InstantSource clock) {
        this.records = records;
        this.clock = clock;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    static boolean isReserved(String key) {
        return key.startsWith("space/")
                || key.startsWith("lease/")
                || key.startsWith("epoch/")
                || key.equals(FLOOR_KEY);
    }

    void fenceWith(Fence newFence) {
        fence = newFence;
    }

    Lease acquire(String space, String holder, Duration ttl, List<Change> alongside) {
        Names.requireHolder(holder);
        requireTtl(ttl);
        return exclusively(space, () -> {
            requireSpace(space);
            Optional<Lease> held = current(space);
            if (held.isPresent() && !held.get().isExpiredAt(clock.instant())) {
                throw new LeaseHeldException(held.get());
            }
            return handOver(space, holder, ttl, alongside);
        });
    }

    Lease renew(String space, String token, Duration ttl) {
        requireTtl(ttl);
        return exclusively(space, () -> {
            Lease held = requireHeldBy(space, token);
            Lease renewed = new Lease(space, held.holder(), held.token(), held.epoch(), expiry(ttl));
            records.commit(List.of(Change.put(leaseKey(space), RecordCodec.encode(renewed))));
            return renewed;
        });
    }

    Lease transfer(String space, String token, String newHolder, Duration ttl, List<Change> alongside) {
        Names.requireHolder(newHolder);
        requireTtl(ttl);
        return exclusively(space, () -> {
            requireHeldBy(space, token);
            return handOver(space, newHolder, ttl, alongside);
        });
    }

    void release(String space, String token, List<Change> alongside) {
        exclusively(space, () -> {
            requireHeldBy(space, token);
            List<Change> changes = new ArrayList<>(alongside);
            changes.add(Change.remove(leaseKey(space)));
            changeHands(space, lastEpoch(space) + 1, changes);
        });
    }

    void removeSpace(String space, String spaceKey) {
        exclusively(space, () -> {
            requireSpace(space);
            // Two removals at once must not lower the floor that the other raised.
            floorLock.lock();
            try {
                long floor = Math.max(lastEpoch(space), number(FLOOR_KEY));
                changeHands(
                        space,
                        floor + 1,
                        List.of(
                                Change.remove(spaceKey),
                                Change.remove(leaseKey(space)),
                                Change.remove(epochKey(space)),
                                Change.put(FLOOR_KEY, RecordCodec.encode(floor))));
            } finally {
                floorLock.unlock();
            }
        });
    }

    Optional<Lease> current(String space) {
        return records.get(leaseKey(space)).map(json -> RecordCodec.decodeLease(space, json));
    }

    OptionalLong writerEpoch(String space, @Nullable String token) {
        // The mark is looked at first. If it is set only afterwards, so is the fence run only afterwards, and it finds
        // whoever asks here; if the change was over before, the lease read below is the new one.
        if (changingHands.contains(space) || !records.contains(Catalog.spaceKey(space))) {
            return OptionalLong.empty();
        }
        Optional<Lease> held = current(space);
        if (token == null) {
            return held.isEmpty() ? OptionalLong.of(0) : OptionalLong.empty();
        }
        return held.filter(lease -> proves(token, lease) && !lease.isExpiredAt(clock.instant()))
                .map(lease -> OptionalLong.of(lease.epoch()))
                .orElse(OptionalLong.empty());
    }

    private Lease handOver(String space, String holder, Duration ttl, List<Change> alongside) {
        long epoch = lastEpoch(space) + 1;
        Lease lease = new Lease(space, holder, newToken(), epoch, expiry(ttl));
        List<Change> changes = new ArrayList<>(alongside);
        changes.add(Change.put(leaseKey(space), RecordCodec.encode(lease)));
        changes.add(Change.put(epochKey(space), RecordCodec.encode(epoch)));
        changeHands(space, epoch, changes);
        return lease;
    }

    private void changeHands(String space, long newEpoch, List<Change> changes) {
        changingHands.add(space);
        try {
            fence.fence(space, newEpoch);
            records.commit(changes);
        } finally {
            changingHands.remove(space);
        }
    }

    /** Runs alone among the changes of this space (and of some others). */
    void exclusively(String space, Runnable change) {
        exclusively(space, () -> {
            change.run();
            return true;
        });
    }

    private <T> T exclusively(String space, Supplier<T> change) {
        Lock lock = locks[Math.floorMod(space.hashCode(), LOCKS)];
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    private long lastEpoch(String space) {
        return Math.max(number(epochKey(space)), number(FLOOR_KEY));
    }

    private long number(String key) {
        return records.get(key).map(RecordCodec::decodeNumber).orElse(0L);
    }

    private void requireSpace(String space) {
        if (!records.contains(Catalog.spaceKey(space))) {
            throw new UnknownSpaceException(space);
        }
    }

    private Lease requireHeldBy(String space, String token) {
        requireSpace(space);
        Lease held = current(space).orElseThrow(() -> new LeaseLostException(space, "nobody holds it"));
        if (!proves(token, held)) {
            throw new LeaseLostException(space, held.holder() + " holds it with epoch " + held.epoch());
        }
        return held;
    }

    /** In a time that does not depend on how much of the token is right. */
    private static boolean proves(String token, Lease lease) {
        return MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), lease.token().getBytes(StandardCharsets.UTF_8));
    }

    private String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private Instant expiry(Duration ttl) {
        return clock.instant().plus(ttl).truncatedTo(ChronoUnit.MILLIS);
    }

    private static void requireTtl(Duration ttl) {
        if (ttl.toMillis() < 1 || ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("a lease lasts 1 ms to 7 days, not " + ttl);
        }
    }

    private static String leaseKey(String space) {
        return "lease/" + space;
    }

    private static String epochKey(String space) {
        return "epoch/" + space;
    }
}
