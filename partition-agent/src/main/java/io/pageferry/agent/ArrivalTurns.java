package io.pageferry.agent;

import java.util.function.BooleanSupplier;

/**
 * Lets the end of one migration and the begin of the next take turns on a partition: filling and switching tables here, paging
 * out there.
 *
 * <p>Invariant: while a migration out is under way nothing is filled in the background, no page table is switched and no other
 * migration out begins, and none begins before it is known what of the partition is still in its space.
 */
final class ArrivalTurns {
    private static final long CHECK_EVERY_MS = 100;

    private boolean known;
    private boolean filling;
    private boolean leaving;
    private boolean over;

    /** What is here is known: all of it, or what a {@link Filling} brings. */
    synchronized void arrivalKnown() {
        known = true;
        notifyAll();
    }

    synchronized boolean isKnown() {
        return known;
    }

    /**
     * Waits for its turn to fill; returns false once the partition has moved on, or its program has gone.
     *
     * <p>Invariant: a stop that a migration out has asked for is not taken back before that has ended; nor does this return before, since
     * who then ends takes the manifest along that the migration goes by.
     *
     * @param allowFilling takes an earlier stop back
     */
    synchronized boolean beginFilling(Runnable allowFilling) throws InterruptedException {
        while (leaving) wait();
        filling = !over;
        if (filling) allowFilling.run();
        return filling;
    }

    synchronized void endFilling() {
        filling = false;
        notifyAll();
    }

    /**
     * Waits until it is known what is here, the migration out before has ended, and nothing fills. If it throws, the turn is not taken.
     *
     * @param stopFilling is called once filling may not begin anew
     * @param check is called now and then, and may throw to end the waiting
     */
    void beginLeaving(Runnable stopFilling, Runnable check) throws InterruptedException {
        awaitThat(this::takeLeaving, check);
        boolean begun = false;
        try {
            stopFilling.run();
            awaitThat(() -> !filling || over, check);
            begun = true;
        } finally {
            if (!begun) endLeaving(false);
        }
    }

    /** The server may give a migration up, and begin the next, before this side of the first one has heard of it. */
    private synchronized boolean takeLeaving() {
        if (!over && (leaving || !known)) return false;
        leaving = true;
        return true;
    }

    private void awaitThat(BooleanSupplier isSo, Runnable check) throws InterruptedException {
        while (true) {
            synchronized (this) {
                if (isSo.getAsBoolean()) return;
                wait(CHECK_EVERY_MS);
            }
            check.run();
        }
    }

    /** The migration out has ended: what still arrives is brought, unless the partition has left. */
    synchronized void endLeaving(boolean left) {
        leaving = false;
        over |= left;
        notifyAll();
    }

    /** The program has gone: nothing is to be waited for any more. */
    synchronized void end() {
        over = true;
        notifyAll();
    }

    /** Waits until the partition has moved on, or its program has gone, and no migration out is on. */
    synchronized void awaitOver() throws InterruptedException {
        while (!over || leaving) wait();
    }
}
