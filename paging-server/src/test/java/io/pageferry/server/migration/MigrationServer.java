package io.pageferry.server.migration;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.Fence;
import io.pageferry.server.catalog.SpaceRecord;
import io.pageferry.server.control.MigrationResources;
import io.pageferry.server.control.NbdAddresses;
import io.pageferry.server.http.ApiServer;
import io.pageferry.server.http.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** The part of the paging server that is about migrations, over a real catalog, without the NBD side. */
final class MigrationServer implements AutoCloseable {
    private final Catalog catalog;
    private final MigrationService migrations;
    private final ApiServer api;

    private MigrationServer(Catalog catalog, MigrationService migrations, ApiServer api) {
        this.catalog = catalog;
        this.migrations = migrations;
        this.api = api;
    }

    /** @param patience an agent that was not seen for so long is not alive */
    static MigrationServer start(Path pool, Duration patience, Fence fence) throws IOException {
        Catalog catalog = Catalog.open(pool);
        catalog.fenceWith(fence);
        MigrationService migrations = MigrationService.start(catalog, new CatalogSpaces(catalog), patience);
        ApiServer api = ApiServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Router(MigrationResources.of(
                        migrations, () -> new NbdAddresses(Optional.of("127.0.0.1:10809"), Optional.empty()))));
        return new MigrationServer(catalog, migrations, api);
    }

    private record CatalogSpaces(Catalog catalog) implements SpaceMaker {
        @Override
        public long ensure(String space, long pageCount) {
            if (catalog.space(space).isEmpty()) {
                catalog.addSpace(new SpaceRecord(space, pageCount * 4096, OptionalLong.empty(), Instant.now()));
            }
            return 0;
        }

        @Override
        public void remove(String space) {
            if (catalog.space(space).isPresent()) catalog.removeSpace(space);
        }
    }

    String url() {
        return "http://127.0.0.1:" + api.address().getPort();
    }

    Catalog catalog() {
        return catalog;
    }

    MigrationService migrations() {
        return migrations;
    }

    @Override
    public void close() throws IOException {
        api.close();
        migrations.close();
        catalog.close();
    }
}
