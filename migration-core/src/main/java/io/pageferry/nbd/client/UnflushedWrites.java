package io.pageferry.nbd.client;

import java.util.ArrayList;
import java.util.List;

/**
 * Remembers which bytes were acknowledged but are not yet known to be durable.
 *
 * <p>Invariant: a flush succeeds only if it was answered by the very server process that acknowledged every write before it.
 * A connection that is new may lead to a server that has restarted, with its machine even, so each one begins an
 * <em>epoch</em>: what was acknowledged before it and not flushed, or sent before it and acknowledged after, is
 * <em>doubtful</em> until it is written again; and while anything is doubtful, flushes fail and name it. (An
 * acknowledgement of what was sent in this epoch comes from a server that lives, and so from the one that all connections
 * of this epoch lead to: one address is one server at a time.)
 */
final class UnflushedWrites {
    /** A flush that is under way, with what it covers. */
    static final class Flush {
        private final ByteRanges covered;
        private boolean doubtful;

        private Flush(ByteRanges covered) {
            this.covered = covered;
        }
    }

    private final ByteRanges doubtful = new ByteRanges();
    private final List<Flush> flushes = new ArrayList<>();
    private ByteRanges acknowledged = new ByteRanges();
    private volatile int epoch;

    /** To be kept with each write as it is sent. */
    int epoch() {
        return epoch;
    }

    /** A write was acknowledged; {@code durable} where it carried FUA. */
    synchronized void acknowledged(long start, long end, boolean durable, int sentEpoch) {
        if (!durable && sentEpoch != epoch) {
            doubtful.add(start, end);
            return;
        }
        doubtful.remove(start, end);
        if (!durable) {
            acknowledged.add(start, end);
        }
    }

    /** Begins a flush of all that was acknowledged; throws while anything is doubtful. */
    synchronized Flush begin() throws NbdUnflushedWritesException {
        throwIfDoubtful();
        Flush flush = new Flush(acknowledged);
        acknowledged = new ByteRanges();
        flushes.add(flush);
        return flush;
    }

    /** The server answered a flush; throws where the answer is worth nothing. */
    synchronized void end(Flush flush, boolean succeeded) throws NbdUnflushedWritesException {
        flushes.remove(flush);
        if (flush.doubtful) {
            throwIfDoubtful();
            if (!flush.covered.isEmpty()) {
                // All of it was written again since, but after this flush began: it needs another.
                throw new NbdUnflushedWritesException(flush.covered.toList());
            }
        } else if (!succeeded) {
            acknowledged.addAll(flush.covered);
        }
    }

    /** A connection was made in place of one that was lost. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written under the lock only
    synchronized void newEpoch() {
        epoch++;
        doubtful.addAll(acknowledged);
        acknowledged.clear();
        for (Flush flush : flushes) {
            if (!flush.doubtful) {
                flush.doubtful = true;
                doubtful.addAll(flush.covered);
            }
        }
    }

    private void throwIfDoubtful() throws NbdUnflushedWritesException {
        if (!doubtful.isEmpty()) {
            throw new NbdUnflushedWritesException(doubtful.toList());
        }
    }
}
