package io.pageferry.examples.pages;

import java.nio.ByteBuffer;

/**
 * When accesses are due: so many reads and writes at each tick. It is handed over with the partition and goes on where it was, so
 * that what fell due while the program was at rest is due from then. For one thread.
 *
 * <p>Times are those of {@link System#nanoTime}, which is {@code CLOCK_MONOTONIC} on Linux: the same for all processes of one host.
 * A time of another host means nothing here, so a schedule that lies in the future, or {@link #LONGEST_GAP_NS} back, begins anew.
 */
final class Schedule {
    static final long TICK_NS = 1_000_000;
    static final int SIZE_BYTES = Long.BYTES + 2 * Double.BYTES;
    static final long LONGEST_GAP_NS = 60_000_000_000L;

    private long dueNs;
    private double reads;
    private double writes;

    private Schedule(long dueNs, double reads, double writes) {
        this.dueNs = dueNs;
        this.reads = reads;
        this.writes = writes;
    }

    /** Nothing is due before {@code nowNs}. */
    static Schedule beginningAt(long nowNs) {
        return new Schedule(nowNs, 0, 0);
    }

    /** One that was handed over. */
    static Schedule goingOn(ByteBuffer from, long nowNs) {
        Schedule before = new Schedule(from.getLong(), from.getDouble(), from.getDouble());
        long gapNs = nowNs - before.dueNs;
        return gapNs < -TICK_NS || gapNs > LONGEST_GAP_NS ? beginningAt(nowNs) : before;
    }

    /** Hands it over: {@value #SIZE_BYTES} bytes. */
    void putTo(ByteBuffer to) {
        to.putLong(dueNs).putDouble(reads).putDouble(writes);
    }

    /** When what is still to be taken was, or will be, due. */
    long dueNs() {
        return dueNs;
    }

    /** Whether nothing of this tick is left. */
    boolean isDone() {
        return reads < 1 && writes < 1;
    }

    /** Goes on to the next tick. */
    void advance(long readsPerSecond, long writesPerSecond) {
        dueNs += TICK_NS;
        reads += readsPerSecond * (TICK_NS / 1e9);
        writes += writesPerSecond * (TICK_NS / 1e9);
    }

    /** Takes a read of this tick; false if none is left. */
    boolean takeRead() {
        if (reads < 1) return false;
        reads--;
        return true;
    }

    /** Takes a write of this tick; false if none is left. */
    boolean takeWrite() {
        if (writes < 1) return false;
        writes--;
        return true;
    }
}
