package io.pageferry.benchmarks;

import io.pageferry.linux.BulkCopy;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The steps that a page goes through on the direct path, each for a whole memory of huge pages, 64 KiB at a time: how long they take
 * when the memory is in no cache, by one thread and by two. Prints a table; argument: the size in MiB (1024), a multiple of 2.
 */
public final class PageSteps {
    private static final int PAGE = 4096;
    private static final int RUN = 64 << 10;
    private static final int ROUNDS = 7;
    private static final int WARM_UP = 2;

    private final Descriptor from;
    private final Descriptor to;
    private final MemorySegment source;
    private final MemorySegment target;
    private final MemorySegment space;
    private final AtomicLong out = new AtomicLong();
    private final MemorySegment buffer = Arena.global().allocate(RUN, PAGE);
    private final LongAdder sums = new LongAdder();

    private PageSteps(long sizeBytes) {
        this.from = FileCalls.memfd("steps-source", sizeBytes);
        this.source = hugePages(from, sizeBytes, (byte) 7);
        this.to = FileCalls.memfd("steps-target", sizeBytes);
        this.target = hugePages(to, sizeBytes, (byte) 8);
        this.space = hugePages(FileCalls.memfd("steps-space", sizeBytes), sizeBytes, (byte) 9);
    }

    /** Prints the table. */
    public static void main(String[] arguments) {
        long mebibytes = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1024;
        new PageSteps(mebibytes << 20).run(mebibytes);
    }

    private static MemorySegment hugePages(Descriptor file, long sizeBytes, byte value) {
        Mapping mapping = Mapping.readWrite(file, sizeBytes, Arena.global());
        for (long at = 0; at < sizeBytes; at += Mapping.HUGE_BYTES) {
            mapping.populateForWriting(at, PAGE);
            if (!mapping.collapse(at, Mapping.HUGE_BYTES))
                throw new IllegalStateException("the kernel has no huge pages");
        }
        return mapping.segment().fill(value);
    }

    private interface Step {
        void run(long offset);
    }

    private void run(long mebibytes) {
        System.out.printf(
                Locale.ROOT, "| step, %d MiB | ms, median of %d | spread |%n|---|---|---|%n", mebibytes, ROUNDS);
        row("CRC32C of each page", at -> sum(source, at));
        row("the JVM's copy to the target", at -> copy(source, at, target, at));
        row("`memcpy` to the target, past the cache", at -> past(source, at, at));
        row("CRC32C, then the JVM's copy", at -> {
            sum(source, at);
            copy(source, at, target, at);
        });
        row("the JVM's copy, then the CRC32C of what it was made of (the way out)", this::out);
        row("`memcpy` past the cache, then the CRC32C of what it was made of", at -> {
            past(source, at, at);
            sum(source, at);
        });
        row("`pwrite` to the target", this::write);
        row("`pread` to the target, then the CRC32C", at -> {
            read(target.asSlice(at, RUN), at);
            sum(target, at);
        });
        row("`pread` into a buffer, CRC32C, `memcpy` past the cache", at -> {
            read(buffer, at);
            put(buffer, at);
        });
        row("the JVM's copy to the target, then the CRC32C of the copy (the way in)", this::in);
        row("the JVM's copy into a buffer, CRC32C, `memcpy` past the cache", at -> {
            copy(source, at, buffer, 0);
            put(buffer, at);
        });
        row("the way out, by two movers, each half of it", half(this::out), secondHalf(this::out));
        row("the way in, by two movers, each half of it", half(this::in), secondHalf(this::in));
        row("the way out and the way in, at the same time", whole(this::out), whole(this::in));
        row("the way out, through mappings made anew", () -> outAnew(false), () -> {});
        row("the same, the entries of each made by one call", () -> outAnew(true), () -> {});
        for (int mebibytesBehind : new int[] {1, 4, 16, 64}) {
            row(
                    "the way out, and the way in of the same pages " + mebibytesBehind + " MiB behind",
                    () -> first(this::toSpace),
                    () -> fromSpace(mebibytesBehind << 20));
        }
        row("16 MiB behind, out past the cache", () -> first(this::toSpacePastCache), () -> fromSpace(16 << 20));
        if (sums.sum() == 0) throw new IllegalStateException("nothing was summed");
    }

    private void out(long offset) {
        copy(source, offset, target, offset);
        sum(source, offset);
    }

    private void in(long offset) {
        copy(source, offset, target, offset);
        sum(target, offset);
    }

    private void put(MemorySegment buffer, long offset) {
        sum(buffer, 0);
        past(buffer, 0, offset);
    }

    /** The way out, through mappings that are made for it. */
    private void outAnew(boolean populates) {
        try (Arena arena = Arena.ofShared()) {
            Mapping pages = Mapping.readOnly(from, source.byteSize(), arena);
            Mapping place = Mapping.readWrite(to, source.byteSize(), arena);
            if (populates) {
                pages.populateForReading(0, pages.sizeBytes());
                place.populateForWriting(0, place.sizeBytes());
            }
            go(0, source.byteSize(), at -> {
                copy(pages.segment(), at, place.segment(), at);
                sum(pages.segment(), at);
            });
        }
    }

    private void toSpace(long offset) {
        copy(source, offset, space, offset);
        sum(source, offset);
    }

    private void toSpacePastCache(long offset) {
        BulkCopy.copy(source.asSlice(offset, RUN), space.asSlice(offset, RUN));
        sum(source, offset);
    }

    /** Tells how far it is, at the end too. */
    private void first(Step step) {
        go(0, source.byteSize(), at -> {
            step.run(at);
            out.set(at + RUN);
        });
    }

    private void fromSpace(long behind) {
        go(0, source.byteSize(), at -> {
            while (out.get() < Math.min(at + behind, source.byteSize())) Thread.onSpinWait();
            copy(space, at, target, at);
            sum(target, at);
        });
        out.set(0);
    }

    private Runnable whole(Step step) {
        return () -> go(0, source.byteSize(), step);
    }

    private Runnable half(Step step) {
        return () -> go(0, source.byteSize() / 2, step);
    }

    private Runnable secondHalf(Step step) {
        return () -> go(source.byteSize() / 2, source.byteSize(), step);
    }

    private static void go(long from, long to, Step step) {
        for (long at = from; at < to; at += RUN) step.run(at);
    }

    private void row(String name, Step step) {
        row(name, whole(step), () -> {});
    }

    private void row(String name, Runnable here, Runnable beside) {
        double[] times = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long startNs = System.nanoTime();
            CompletableFuture<?> other = CompletableFuture.runAsync(beside);
            here.run();
            other.join();
            if (round >= 0) times[round] = (System.nanoTime() - startNs) / 1e6;
        }
        Arrays.sort(times);
        double median = times[ROUNDS / 2];
        System.out.printf(Locale.ROOT, "| %s | %.0f | %.0f-%.0f |%n", name, median, times[0], times[ROUNDS - 1]);
    }

    private void sum(MemorySegment memory, long offset) {
        long sum = 0;
        for (long at = offset; at < offset + RUN; at += PAGE) sum += Checksums.crc32c(memory.asSlice(at, PAGE));
        sums.add(sum);
    }

    private static void copy(MemorySegment from, long fromOffset, MemorySegment to, long toOffset) {
        MemorySegment.copy(from, fromOffset, to, toOffset, RUN);
    }

    private void past(MemorySegment from, long fromOffset, long toOffset) {
        BulkCopy.copy(from.asSlice(fromOffset, RUN), target.asSlice(toOffset, RUN));
    }

    private void write(long offset) {
        for (long done = 0; done < RUN; ) {
            done += FileCalls.writeAt(to, source.asSlice(offset + done, RUN - done), offset + done);
        }
    }

    private void read(MemorySegment into, long offset) {
        for (long done = 0; done < RUN; ) done += FileCalls.readAt(from, into.asSlice(done), offset + done);
    }
}
