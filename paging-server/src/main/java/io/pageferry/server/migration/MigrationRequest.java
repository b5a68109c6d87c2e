package io.pageferry.server.migration;

import java.util.Optional;

/**
 * What an operator asks for.
 *
 * @param to the agent that is to have the partition; absent for a suspend
 */
public record MigrationRequest(MigrationKind kind, String partition, Optional<String> to, MigrationOptions options) {}
