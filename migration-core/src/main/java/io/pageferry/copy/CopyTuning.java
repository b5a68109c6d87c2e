package io.pageferry.migration;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * How pages are best summed and copied on this machine. Two choices depend on the processor, and on what a hypervisor lets through
 * of it: each side of either has been seen to take twice as long as the other. So they are measured, once in a process, as the
 * kernel does with its ways to compute a RAID-6 syndrome (lib/raid6/algos.c).
 *
 * @param loadsFirst whether a run of pages is loaded into the cache before its checksums are taken: worth it where the processor
 *     does not fetch ahead of the instructions for the CRC
 * @param landsByBuffer whether what comes in goes by a buffer that stays in the cache: worth it where the kernel's copy stores past
 *     the cache, so that summing what it has stored waits for the memory
 */
record CopyTuning(boolean loadsFirst, boolean landsByBuffer) {
    private static final Logger LOG = System.getLogger(CopyTuning.class.getName());

    /** More than the caches hold, in two halves. */
    private static final long MEASURED_BYTES = 32 << 20;

    private static final int RUN_BYTES = 64 << 10;
    private static final int PASSES = 12;

    private static final class Here {
        static final CopyTuning TUNING = measure();
    }

    /** Of this machine; the first call measures it, for some 200 ms, with 64 MiB of memory. */
    static CopyTuning here() {
        return Here.TUNING;
    }

    private static CopyTuning measure() {
        try (Descriptor file = FileCalls.memfd("pageferry-tuning", 2 * MEASURED_BYTES);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = allocate(file, arena);
            MemorySegment buffer = arena.allocate(RUN_BYTES, SpaceLayout.PAGE_BYTES);
            long[] ns = best(
                    at -> sum(memory.asSlice(at, RUN_BYTES)),
                    at -> {
                        Checksums.load(memory.asSlice(at, RUN_BYTES));
                        sum(memory.asSlice(at, RUN_BYTES));
                    },
                    at -> {
                        MemorySegment place = memory.asSlice(MEASURED_BYTES + at, RUN_BYTES);
                        read(file, place, at);
                        sum(place);
                    },
                    at -> {
                        read(file, buffer, at);
                        sum(buffer);
                        MemorySegment.copy(buffer, 0, memory, MEASURED_BYTES + at, RUN_BYTES);
                    });
            CopyTuning found = new CopyTuning(ns[1] < ns[0], ns[3] < ns[2]);
            LOG.log(
                    Level.INFO,
                    "checksums of a GiB take {0} ms, {1} loaded first; a GiB comes in in {2} ms, {3} by a buffer",
                    milliseconds(ns[0]),
                    milliseconds(ns[1]),
                    milliseconds(ns[2]),
                    milliseconds(ns[3]));
            return found;
        }
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

    /** Of each step the shortest of some passes over the first half, in turns: others were compiled meanwhile, or disturbed. */
    private static long[] best(Step... steps) {
        long[] best = new long[steps.length];
        Arrays.fill(best, Long.MAX_VALUE);
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < steps.length; i++) {
                long startNs = System.nanoTime();
                for (long at = 0; at < MEASURED_BYTES; at += RUN_BYTES) steps[i].run(at);
                best[i] = Math.min(best[i], System.nanoTime() - startNs);
            }
        }
        return best;
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
        return ns * ((1L << 30) / MEASURED_BYTES) / 1_000_000;
    }
}
