package io.pageferry.examples.kv.store;

/**
 * When records expire: a binary heap of (time in milliseconds since 1970, record), the earliest first. Each record knows
 * its place, so that a deadline can be changed, and records without one are never touched to find those that expire.
 */
final class Deadlines {
    private static final int AT_TIME = 0;
    private static final int AT_RECORD = 8;

    private final StoreMemory memory;
    private final StoreHeader header;
    private final PagedArray heap;

    Deadlines(StoreMemory memory, StoreHeader header, PagedArray heap) {
        this.memory = memory;
        this.header = header;
        this.heap = heap;
    }

    void format() {
        heap.forget(header.deadlineCount());
        header.deadlineCount(0);
    }

    /** The record's deadline; meaningless if it has none. */
    long timeMs(long record) {
        return memory.getLong(heap.at(StoredRecord.deadlinePlace(memory, record) - 1L) + AT_TIME);
    }

    /** The earliest record that expires at this time or before; 0 if there is none. */
    long firstDue(long nowMs) {
        if (header.deadlineCount() == 0) return 0;
        long first = heap.at(0);
        return memory.getLong(first + AT_TIME) <= nowMs ? memory.getLong(first + AT_RECORD) : 0;
    }

    /** Sets or changes a deadline; false if there is no room for it. */
    boolean set(long record, long timeMs) {
        long index = StoredRecord.deadlinePlace(memory, record) - 1L;
        if (index < 0) {
            index = header.deadlineCount();
            if (index >= Integer.MAX_VALUE - 1 || !heap.grow(index)) return false;
            header.deadlineCount(index + 1);
        }
        place(index, timeMs, record);
        restore(index);
        return true;
    }

    /** The record has no deadline any more. */
    void remove(long record) {
        long index = StoredRecord.deadlinePlace(memory, record) - 1L;
        if (index < 0) return;
        StoredRecord.deadlinePlace(memory, record, 0);
        long last = header.deadlineCount() - 1;
        header.deadlineCount(last);
        if (index != last) {
            place(index, time(last), recordAt(last));
            heap.shrink(last);
            restore(index);
        } else {
            heap.shrink(last);
        }
    }

    /** The record has a new offset; its deadline stays. */
    void moved(long from, long to) {
        int place = StoredRecord.deadlinePlace(memory, from);
        StoredRecord.deadlinePlace(memory, to, place);
        if (place > 0) memory.putLong(heap.at(place - 1L) + AT_RECORD, to);
    }

    private void restore(long index) {
        long at = index;
        while (at > 0 && time((at - 1) / 2) > time(at)) {
            swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        long count = header.deadlineCount();
        for (long child = 2 * at + 1; child < count; child = 2 * at + 1) {
            if (child + 1 < count && time(child + 1) < time(child)) child++;
            if (time(at) <= time(child)) return;
            swap(at, child);
            at = child;
        }
    }

    private void swap(long a, long b) {
        long timeMs = time(a);
        long record = recordAt(a);
        place(a, time(b), recordAt(b));
        place(b, timeMs, record);
    }

    private void place(long index, long timeMs, long record) {
        long at = heap.at(index);
        memory.putLong(at + AT_TIME, timeMs);
        memory.putLong(at + AT_RECORD, record);
        StoredRecord.deadlinePlace(memory, record, (int) (index + 1));
    }

    private long time(long index) {
        return memory.getLong(heap.at(index) + AT_TIME);
    }

    private long recordAt(long index) {
        return memory.getLong(heap.at(index) + AT_RECORD);
    }
}
