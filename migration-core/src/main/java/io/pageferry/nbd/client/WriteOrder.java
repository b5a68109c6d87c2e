package io.pageferry.nbd.client;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps overlapping writes in order. NBD servers may carry out requests in any order, over several connections all the
 * more; and a lost connection makes the client send a write a second time.
 *
 * <p>Invariant: the writes that are with the server, answered or not, never overlap; a write waits here until every earlier
 * one that it overlaps was acknowledged. So the content does not depend on the order in which a server carries them out,
 * nor on how often each is sent, and a write that is sent again can never undo a later one.
 */
final class WriteOrder {
    private final TreeMap<Long, Request> unacknowledged = new TreeMap<>();
    private final List<Request> waiting = new ArrayList<>();

    /** Whether the write may be sent now; otherwise {@link #release} will hand it out. */
    synchronized boolean admit(Request write) {
        if (overlapsUnacknowledged(write) || waiting.stream().anyMatch(write::overlaps)) {
            waiting.add(write);
            return false;
        }
        unacknowledged.put(write.offset, write);
        return true;
    }

    /** The write is over: tells which ones may be sent now that waited for it. */
    synchronized List<Request> release(Request write) {
        unacknowledged.remove(write.offset);
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<Request> admitted = new ArrayList<>();
        List<Request> stillWaiting = new ArrayList<>();
        for (Iterator<Request> each = waiting.iterator(); each.hasNext(); ) {
            Request candidate = each.next();
            if (overlapsUnacknowledged(candidate) || stillWaiting.stream().anyMatch(candidate::overlaps)) {
                stillWaiting.add(candidate);
            } else {
                each.remove();
                unacknowledged.put(candidate.offset, candidate);
                admitted.add(candidate);
            }
        }
        return admitted;
    }

    private boolean overlapsUnacknowledged(Request write) {
        Map.Entry<Long, Request> before = unacknowledged.lowerEntry(write.end());
        return before != null && before.getValue().overlaps(write);
    }
}
