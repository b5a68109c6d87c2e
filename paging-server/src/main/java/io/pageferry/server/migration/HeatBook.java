package io.pageferry.server.migration;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The latest heat of each partition, as its agent has reported it; in memory only, since the next report replaces it. */
final class HeatBook {
    private final Map<String, HeatView> latest = new ConcurrentHashMap<>();

    void put(HeatView heat) {
        latest.put(heat.partition(), heat);
    }

    Optional<HeatView> of(String partition) {
        return Optional.ofNullable(latest.get(partition));
    }
}
