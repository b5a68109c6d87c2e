package io.pageferry.examples.kv;

import io.netty.channel.EventLoop;
import io.pageferry.examples.kv.store.KvStore;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the store does without being asked: removes what has expired, gives free pages back, empties sparse slabs. In
 * portions on the event loop, inside the gate, often while there is something to do.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes its channel, and the loop logs what a task throws
final class Housekeeping implements Runnable {
    private static final int MAX_EXPIRED = 256;
    private static final int MAX_RELEASED_PAGES = 256;
    private static final int MAX_SLABS = 2;
    private static final long BUSY_MS = 2;
    private static final long IDLE_MS = 100;

    private static final Logger LOG = System.getLogger(Housekeeping.class.getName());

    private final EventLoop loop;
    private final ExecutionGate gate;
    private final LongSupplier clockMs;
    private volatile @Nullable KvStore store;

    Housekeeping(EventLoop loop, ExecutionGate gate, LongSupplier clockMs) {
        this.loop = loop;
        this.gate = gate;
        this.clockMs = clockMs;
    }

    void start() {
        loop.schedule(this, IDLE_MS, TimeUnit.MILLISECONDS);
    }

    /** From now on, while the gate is open, this store is kept. */
    void keep(KvStore next) {
        store = next;
    }

    @Override
    public void run() {
        boolean busy = false;
        if (gate.enter()) {
            try {
                KvStore kept = store;
                busy = kept != null && !kept.isDamaged() && portion(kept);
            } finally {
                gate.exit();
            }
        }
        loop.schedule(this, busy ? BUSY_MS : IDLE_MS, TimeUnit.MILLISECONDS);
    }

    private boolean portion(KvStore kept) {
        try {
            kept.begin(clockMs.getAsLong());
            int expired = kept.expire(MAX_EXPIRED);
            int emptied = kept.compact(MAX_SLABS);
            int released = kept.releasePages(MAX_RELEASED_PAGES);
            return expired == MAX_EXPIRED || emptied == MAX_SLABS || released == MAX_RELEASED_PAGES;
        } catch (InternalError fault) {
            LOG.log(Level.ERROR, "no more housekeeping, and no more writes: it touched a page that is lost", fault);
            kept.metLostPage(true);
            return false;
        }
    }
}
