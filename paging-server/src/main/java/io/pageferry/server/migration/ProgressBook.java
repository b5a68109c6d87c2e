package io.pageferry.server.migration;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The progress of every migration that the ledger has. */
final class ProgressBook {
    private final Map<String, Progress> progress = new ConcurrentHashMap<>();

    Progress of(String id) {
        return progress.computeIfAbsent(id, key -> new Progress());
    }

    void forget(String id) {
        progress.remove(id);
    }
}
