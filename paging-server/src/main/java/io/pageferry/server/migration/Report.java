package io.pageferry.server.migration;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one side of a migration says of it.
 *
 * @param state the state that it is in now as far as that side is concerned, by its word; the source also says {@code verify}, the
 *     target {@code verified} and {@code resumed}
 * @param error why it failed
 * @param progress figures under QEMU's names, which replace those of that side's last report
 * @param timeline steps that were done since its last report
 */
public record Report(
        Optional<String> state,
        Optional<String> error,
        Optional<Map<String, Object>> progress,
        List<TimelineStep> timeline) {}
