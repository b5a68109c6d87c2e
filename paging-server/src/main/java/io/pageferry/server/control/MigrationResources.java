package io.pageferry.server.control;

import io.pageferry.server.http.Resource;
import io.pageferry.server.migration.MigrationService;
import java.util.List;
import java.util.function.Supplier;

/** The part of the API that is about agents, partitions and migrations. */
public final class MigrationResources {
    private MigrationResources() {}

    /** {@code nbd} is asked when an agent registers: the server may not listen yet when this is called. */
    public static List<Resource> of(MigrationService migrations, Supplier<NbdAddresses> nbd) {
        return List.of(
                new AgentsResource(migrations, nbd),
                new PartitionsResource(migrations),
                new HeatResource(migrations),
                new MigrationsResource(migrations));
    }
}
