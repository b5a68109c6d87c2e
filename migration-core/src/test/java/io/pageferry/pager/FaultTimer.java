package io.pageferry.pager;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;

/** Times a touch of each missing page, scattered, in the program that touches them; for the benchmark. */
final class FaultTimer {
    private static final long STRIDE = 7919; // prime, and no divisor of the benchmark's page counts

    private FaultTimer() {}

    static String run(MemorySegment memory) {
        long pageCount = memory.byteSize() / PagePattern.PAGE;
        long[] tookNs = new long[Math.toIntExact(pageCount)];
        long sum = 0;
        for (int i = 0; i < pageCount; i++) {
            long offset = i * STRIDE % pageCount * PagePattern.PAGE;
            long startNs = System.nanoTime();
            sum += memory.get(ValueLayout.JAVA_LONG, offset);
            tookNs[i] = System.nanoTime() - startNs;
        }
        // The first touches meet a virtual machine that still interprets and compiles, in both processes.
        long[] steadyNs = Arrays.copyOfRange(tookNs, tookNs.length / 4, tookNs.length);
        Arrays.sort(steadyNs);
        return String.format(
                Locale.ROOT,
                "{\"faults\":%d,\"p50-us\":%.1f,\"p99-us\":%.1f,\"sum\":%d}",
                steadyNs.length,
                steadyNs[steadyNs.length / 2] / 1e3,
                steadyNs[(int) (steadyNs.length * 99L / 100)] / 1e3,
                sum & 1);
    }
}
