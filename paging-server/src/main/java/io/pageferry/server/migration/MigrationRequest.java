package io.pageferry.server.migration;

import java.util.Optional;

/**
 * What an operator asks for.
 *
 * @param to the agent that is to have the partition; absent for a suspend
 * @param force whether the operator vouches that a program whose agent is gone does not run any more; of a resume
 */
public record MigrationRequest(
        MigrationKind kind, String partition, Optional<String> to, MigrationOptions options, boolean force) {}
