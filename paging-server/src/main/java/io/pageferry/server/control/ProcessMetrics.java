package io.pageferry.server.control;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process takes of its machine. */
final class ProcessMetrics {
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4096;

    private ProcessMetrics() {}

    static void publish(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        // Resident without what is shared with files: the mapped spaces are the operator's page cache, not the server's
        // need.
        Gauge.builder("process.resident.private.bytes", ProcessMetrics::residentPrivateBytes)
                .description("Resident memory but for shared and file-backed pages")
                .register(registry);
    }

    // proc_pid_statm(5): size resident shared ..., in pages; NaN where it cannot be read, which Prometheus takes for
    // unknown.
    private static double residentPrivateBytes() {
        try {
            String[] fields = Files.readString(STATM).split(" ", -1);
            return (Long.parseLong(fields[1]) - Long.parseLong(fields[2])) * (double) PAGE_BYTES;
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
