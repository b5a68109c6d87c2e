package io.pageferry.agent.cli;

import io.pageferry.units.ByteSize;
import java.io.PrintWriter;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** One line that is written over and over: bar, phase, rate, what remains, how fast pages get dirty. */
final class ProgressLine {
    /** Set by the launcher where stderr is a terminal: Java cannot tell. */
    static final String TERMINAL_PROPERTY = "pageferry.stderr.terminal";

    private static final int BAR_CHARACTERS = 24;
    private static final long BYTES_PER_MEGABIT = 125_000;
    private static final String REST_OF_LINE = "\u001b[K";

    private final PrintWriter err;
    private final boolean terminal;
    private boolean shown;

    private ProgressLine(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    static ProgressLine on(PrintWriter err) {
        return new ProgressLine(err, Boolean.getBoolean(TERMINAL_PROPERTY));
    }

    void show(JsonNode migration) {
        if (terminal) {
            err.print("\r" + text(migration) + REST_OF_LINE);
            err.flush();
            shown = true;
        }
    }

    /** Leaves the line as it is; what follows begins a new one. */
    void end() {
        if (shown) {
            err.println();
            err.flush();
        }
    }

    static String text(JsonNode migration) {
        String status = migration.path("status").asString();
        boolean arriving = status.equals("postcopy-active")
                && SideFigures.nested(migration.path("target-progress")).has("ram");
        JsonNode ram = SideFigures.nested(migration.path(arriving ? "target-progress" : "source-progress"))
                .path("ram");
        StringBuilder line = new StringBuilder(bar(status, ram)).append(' ').append(status);
        if (ram.path("mbps").isNumber()) {
            long bytesPerSecond = (long) (ram.path("mbps").doubleValue() * BYTES_PER_MEGABIT);
            line.append("  ")
                    .append(ByteSize.format(Math.max(0, bytesPerSecond)))
                    .append("/s");
        }
        if (ram.path("remaining").canConvertToLong()) {
            line.append("  remaining ")
                    .append(ByteSize.format(Math.max(0, ram.path("remaining").longValue())));
        }
        if (ram.path("dirty-pages-rate").isNumber()) {
            line.append("  dirty ")
                    .append(ram.path("dirty-pages-rate").longValue())
                    .append(" pages/s");
        }
        return line.toString();
    }

    private static String bar(String status, JsonNode ram) {
        double total = ram.path("total").asDouble(0);
        double part = status.equals("completed")
                ? 1
                : total > 0 ? Math.clamp(1 - ram.path("remaining").asDouble(total) / total, 0.0, 1.0) : 0;
        int filled = (int) Math.round(part * BAR_CHARACTERS);
        return "[" + "#".repeat(filled) + "-".repeat(BAR_CHARACTERS - filled) + "] "
                + String.format(Locale.ROOT, "%3.0f%%", part * 100);
    }
}
