package io.pageferry.benchmarks;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A loop of reads and writes on the partition table, against the same loop on plain memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class MemoryAccessBenchmark {
    private static final int ACCESSES = 4096;
    private static final long SIZE_BYTES = 64L << 20;

    /** What is measured. */
    @Param
    public MemoryKind memory = MemoryKind.PARTITION_TABLE;

    private Supplier<MemorySegment> pointer = () -> MemorySegment.NULL;
    private final long[] offsets = new long[ACCESSES];
    private long next;

    /** Makes the memory, and offsets that are the same in every run. */
    @Setup
    public void create() {
        pointer = memory.create(SIZE_BYTES);
        long random = 42;
        for (int i = 0; i < ACCESSES; i++) {
            random = random * 6364136223846793005L + 1442695040888963407L;
            offsets[i] = (random >>> 20) % (SIZE_BYTES / Long.BYTES) * Long.BYTES;
        }
    }

    /** A word here and there: one operation reads it and writes another value. */
    @Benchmark
    @OperationsPerInvocation(ACCESSES)
    public long scatteredReadsAndWrites() {
        long sum = 0;
        for (long offset : offsets) {
            MemorySegment now = pointer.get();
            long value = now.get(ValueLayout.JAVA_LONG, offset);
            now.set(ValueLayout.JAVA_LONG, offset, value + 1);
            sum += value;
        }
        return sum;
    }

    /** One operation copies a page to another place of the memory. */
    @Benchmark
    public long pageCopies() {
        next = (next + 7919 * 4096L) % (SIZE_BYTES / 2);
        MemorySegment now = pointer.get();
        MemorySegment.copy(now, next / 4096 * 4096, now, SIZE_BYTES / 2 + next / 4096 * 4096, 4096);
        return next;
    }
}
