package io.pageferry.nbd.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set of bytes of an export, kept as maximal disjoint ranges. Not safe for several threads. */
final class ByteRanges {
    /** From the first byte of each range to the first byte after it. */
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    boolean isEmpty() {
        return endByStart.isEmpty();
    }

    void clear() {
        endByStart.clear();
    }

    void add(long start, long end) {
        long from = start;
        long to = end;
        Map.Entry<Long, Long> before = endByStart.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        for (var next = endByStart.ceilingEntry(from); next != null && next.getKey() <= to; ) {
            to = Math.max(to, next.getValue());
            endByStart.remove(next.getKey());
            next = endByStart.ceilingEntry(from);
        }
        endByStart.put(from, to);
    }

    void addAll(ByteRanges others) {
        others.endByStart.forEach(this::add);
    }

    void remove(long start, long end) {
        Map.Entry<Long, Long> overlapping = endByStart.lowerEntry(end);
        while (overlapping != null && overlapping.getValue() > start) {
            endByStart.remove(overlapping.getKey());
            if (overlapping.getValue() > end) {
                endByStart.put(end, overlapping.getValue());
            }
            if (overlapping.getKey() < start) {
                endByStart.put(overlapping.getKey(), start);
            }
            overlapping = endByStart.lowerEntry(end);
        }
    }

    boolean overlaps(long start, long end) {
        Map.Entry<Long, Long> overlapping = endByStart.lowerEntry(end);
        return overlapping != null && overlapping.getValue() > start;
    }

    List<ByteRange> toList() {
        List<ByteRange> ranges = new ArrayList<>(endByStart.size());
        endByStart.forEach((start, end) -> ranges.add(new ByteRange(start, end - start)));
        return ranges;
    }
}
