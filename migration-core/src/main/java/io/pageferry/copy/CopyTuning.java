package io.pageferry.copy;

import io.pageferry.linux.BulkCopy;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * How pages are best summed and copied on this machine. The choices depend on the processor, and on what a hypervisor lets through
 * of it: each side of each has been seen to take much longer than the other. So they are measured, once in a process, as the
 * kernel does with its ways to compute a RAID-6 syndrome (lib/raid6/algos.c).
 *
 * @param pastCache whether a long run is copied by {@link BulkCopy}: worth it where that stores past the cache, which asks a setting
 *     of the C library
 * @param landsByBuffer whether what comes in through a mapping goes by a buffer that stays in the cache: worth it where a copy past the
 *     cache is, or where summing what was just stored waits for the memory
 * @param receivesByBuffer the same of what the kernel copies here, from a file or a socket
 */
public record CopyTuning(boolean pastCache, boolean landsByBuffer, boolean receivesByBuffer) {
    private static final Logger LOG = System.getLogger(CopyTuning.class.getName());

    /** Twice this is more than most caches hold. */
    private static final long MEASURED_BYTES = 64 << 20;

    private static final int RUN_BYTES = 64 << 10;
    /** So little at a time that a step is seldom disturbed within it. */
    private static final int SAMPLE_BYTES = 1 << 20;

    private static final int SAMPLES = (int) (MEASURED_BYTES / SAMPLE_BYTES);
    private static final int PASSES = 4;
    /** From one step's sample to that of the next one, so that none finds in the cache what another has left there. */
    private static final int STRIDE = 10;

    private static final class Here {
        static final CopyTuning TUNING = measureIfPossible();
    }

    /** Of this machine; the first call measures it, for some 300 ms, with 128 MiB of memory. */
    public static CopyTuning here() {
        return Here.TUNING;
    }

    private static CopyTuning measureIfPossible() {
        try {
            return measure();
        } catch (LinuxException noMemory) {
            LOG.log(
                    Level.WARNING,
                    "the ways to copy are not measured, and the plain ones taken: {0}",
                    noMemory.getMessage());
            return new CopyTuning(false, false, false);
        }
    }

    private static CopyTuning measure() {
        try (Descriptor file = FileCalls.memfd("pageferry-tuning", 2 * MEASURED_BYTES);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = allocate(file, arena);
            MemorySegment buffer = arena.allocate(RUN_BYTES, SpaceLayout.PAGE_BYTES);
            long[] copyNs = measure(
                    at -> copy(false, memory.asSlice(at, RUN_BYTES), memory.asSlice(MEASURED_BYTES + at)),
                    at -> copy(true, memory.asSlice(at, RUN_BYTES), memory.asSlice(MEASURED_BYTES + at)));
            // Without the setting both are the same, and the JVM's turns a page that cannot be had into an error.
            boolean pastCache = isWorth(copyNs[1], copyNs[0]);
            long[] ns = measure(
                    at -> {
                        MemorySegment place = memory.asSlice(MEASURED_BYTES + at, RUN_BYTES);
                        MemorySegment.copy(memory, at, place, 0, RUN_BYTES);
                        sum(place);
                    },
                    at -> {
                        MemorySegment.copy(memory, at, buffer, 0, RUN_BYTES);
                        sum(buffer);
                        copy(pastCache, buffer, memory.asSlice(MEASURED_BYTES + at));
                    },
                    at -> {
                        MemorySegment place = memory.asSlice(MEASURED_BYTES + at, RUN_BYTES);
                        read(file, place, at);
                        sum(place);
                    },
                    at -> {
                        read(file, buffer, at);
                        sum(buffer);
                        copy(pastCache, buffer, memory.asSlice(MEASURED_BYTES + at));
                    });
            CopyTuning found = new CopyTuning(pastCache, isWorth(ns[1], ns[0]), isWorth(ns[3], ns[2]));
            LOG.log(
                    Level.INFO,
                    "a GiB is copied in {0} ms, {1} by the C library; it comes in in {2} ms, {3} by a buffer, by the kernel in {4} ms,"
                            + " {5} by a buffer",
                    milliseconds(copyNs[0]),
                    milliseconds(copyNs[1]),
                    milliseconds(ns[0]),
                    milliseconds(ns[1]),
                    milliseconds(ns[2]),
                    milliseconds(ns[3]));
            return found;
        }
    }

    // By a tenth at least: what is measured alone says little about two sides that share the memory, and there the
    // plainer way has been the faster one where both are near.
    private static boolean isWorth(long ns, long plainNs) {
        return ns * 10 < plainNs * 9;
    }

    /**
     * Copies a run of pages to the begin of a segment that is no file's that could be cut or fail: see {@link BulkCopy}.
     *
     * @throws IndexOutOfBoundsException if there is no room for it
     */
    public void copy(MemorySegment from, MemorySegment to) {
        copy(pastCache && from.byteSize() >= RUN_BYTES, from, to);
    }

    private static void copy(boolean pastCache, MemorySegment from, MemorySegment to) {
        if (pastCache) BulkCopy.copy(from, to);
        else MemorySegment.copy(from, 0, to, 0, from.byteSize());
    }

    // In huge pages where there are some, as in a migration.
    private static MemorySegment allocate(Descriptor file, Arena arena) {
        Mapping mapping = Mapping.readWrite(file, 2 * MEASURED_BYTES, arena);
        for (long at = 0; at < mapping.sizeBytes(); at += Mapping.HUGE_BYTES) {
            mapping.populateForWriting(at, SpaceLayout.PAGE_BYTES);
            var _ = mapping.collapse(at, Mapping.HUGE_BYTES);
        }
        return mapping.segment().fill((byte) 1);
    }

    private interface Step {
        void run(long offset);
    }

    /**
     * Of each step the time for {@link #SAMPLE_BYTES} that a quarter of its samples keep within: in the others it was not compiled
     * yet, or disturbed. The steps take turns, each of them over all of the first half.
     */
    private static long[] measure(Step... steps) {
        long[][] samples = new long[steps.length][PASSES * SAMPLES];
        for (int sample = 0; sample < PASSES * SAMPLES; sample++) {
            for (int i = 0; i < steps.length; i++) {
                long first = (sample + (long) i * STRIDE) % SAMPLES * SAMPLE_BYTES;
                long startNs = System.nanoTime();
                for (long at = first; at < first + SAMPLE_BYTES; at += RUN_BYTES) steps[i].run(at);
                samples[i][sample] = System.nanoTime() - startNs;
            }
        }
        long[] quarter = new long[steps.length];
        for (int i = 0; i < steps.length; i++) {
            Arrays.sort(samples[i]);
            quarter[i] = samples[i][samples[i].length / 4];
        }
        return quarter;
    }

    private static void sum(MemorySegment pages) {
        for (long at = 0; at < pages.byteSize(); at += SpaceLayout.PAGE_BYTES) {
            int sum = Checksums.crc32c(pages.asSlice(at, SpaceLayout.PAGE_BYTES));
            // Without a use the compiler may leave it out.
            if (sum == 0) Thread.onSpinWait();
        }
    }

    private static void read(Descriptor file, MemorySegment into, long offset) {
        for (long done = 0; done < into.byteSize(); ) {
            done += FileCalls.readAt(file, into.asSlice(done), offset + done);
        }
    }

    private static long milliseconds(long ns) {
        return ns * ((1L << 30) / SAMPLE_BYTES) / 1_000_000;
    }
}
