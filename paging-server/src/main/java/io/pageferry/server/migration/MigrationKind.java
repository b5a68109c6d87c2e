package io.pageferry.server.migration;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an operator asks for. */
public enum MigrationKind {
    /** From one agent to another, while the partition runs. */
    MIGRATE,
    /** Out to the paging device, and no further. */
    SUSPEND,
    /** In from the paging device, where a suspend left it. */
    RESUME;

    /** The kind in JSON, logs and documents. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<MigrationKind> ofWord(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }
}
