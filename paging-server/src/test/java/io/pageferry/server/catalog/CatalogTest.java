package io.pageferry.server.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
    private static final Duration TTL = Duration.ofSeconds(30);

    @TempDir
    Path pool;

    @Test
    void spacesSurviveAReopening() throws Exception {
        SpaceRecord a = space("a", OptionalLong.of(4096));
        SpaceRecord b = space("b", OptionalLong.empty());
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.addSpace(b);
            catalog.addSpace(a);
            assertThat(catalog.spaces()).containsExactly(a, b);
            assertThatThrownBy(() -> catalog.addSpace(a)).isInstanceOf(SpaceExistsException.class);
        }
        try (Catalog catalog = Catalog.open(pool)) {
            assertThat(catalog.spaces()).containsExactly(a, b);
            catalog.removeSpace("a");
            assertThatThrownBy(() -> catalog.removeSpace("a")).isInstanceOf(UnknownSpaceException.class);
        }
        try (Catalog catalog = Catalog.open(pool)) {
            assertThat(catalog.space("a")).isEmpty();
            assertThat(catalog.space("b")).contains(b);
        }
    }

    @Test
    void aSpaceThatIsCreatedAgainGoesOnAboveItsEpochs() throws Exception {
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.addSpace(space("a", OptionalLong.empty()));
            Lease first = catalog.acquire("a", "one", TTL);
            Lease second = catalog.transfer("a", first.token(), "two", TTL);
            assertThat(second.epoch()).isEqualTo(first.epoch() + 1);
            catalog.removeSpace("a");
            catalog.addSpace(space("a", OptionalLong.empty()));
            assertThat(catalog.lease("a")).isEmpty();
            assertThat(catalog.acquire("a", "three", TTL).epoch()).isGreaterThan(second.epoch());
        }
    }

    @Test
    void aLostCatalogHandsOutHigherEpochsThanAnyBefore() throws Exception {
        long epoch;
        Files.createFile(pool.resolve("a.space"));
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.addSpace(space("a", OptionalLong.empty()));
            epoch = catalog.acquire("a", "one", TTL).epoch();
        }
        Files.delete(pool.resolve("catalog.journal"));
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.addSpace(space("a", OptionalLong.empty()));
            assertThat(catalog.acquire("a", "two", TTL).epoch()).isGreaterThan(epoch);
        }
    }

    @Test
    void aSecondServerIsRefusedThePool() throws Exception {
        try (Catalog first = Catalog.open(pool)) {
            assertThatThrownBy(() -> Catalog.open(pool))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("open in another server");
            assertThat(first.spaces()).isEmpty();
        }
        Catalog.open(pool).close();
    }

    @Test
    void theJournalIsReadableByItsOwnerOnly() throws Exception {
        Catalog.open(pool).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pool.resolve("catalog.journal"))))
                .isEqualTo("rw-------");
    }

    @Test
    void namesThatCannotBeFileNamesAreRefused() {
        for (String name : List.of("", ".", "..", "a/b", "-a", ".a", "a;lease=b", "a b", "ä", "a".repeat(101), "a\n")) {
            assertThatThrownBy(() -> space(name, OptionalLong.empty()))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not a name for a space");
        }
    }

    @Test
    void whatIsTooLargeIsRefusedAndNothingChanges() throws Exception {
        try (Catalog catalog = Catalog.open(pool)) {
            byte[] large = new byte[RecordIndex.MAX_VALUE_BYTES + 1];
            assertThatThrownBy(() -> catalog.commit(List.of(Change.put("x/1", "1"), Change.put("x/2", large))))
                    .isInstanceOf(CatalogLimitException.class);
            assertThatThrownBy(() -> catalog.commit(List.of(Change.put("k".repeat(256), "1"))))
                    .isInstanceOf(CatalogLimitException.class);
            assertThatThrownBy(() -> catalog.commit(List.of())).isInstanceOf(CatalogLimitException.class);
            assertThatThrownBy(() -> catalog.commit(List.of(Change.put("lease/a", "1"))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(catalog.recordsUnder("x/")).isEmpty();
        }
    }

    @Test
    void theJournalStaysSmallHoweverOftenRecordsChange() throws Exception {
        String last = "";
        try (Catalog catalog = Catalog.open(pool)) {
            for (int i = 0; i < 2000; i++) {
                last = i + "x".repeat(1000);
                catalog.commit(List.of(Change.put("agent/" + i % 3, last), Change.remove("agent/" + (i + 1) % 3)));
            }
            assertThat(Files.size(pool.resolve("catalog.journal"))).isLessThan(2 << 20);
        }
        try (Catalog catalog = Catalog.open(pool)) {
            String key = "agent/" + 1999 % 3;
            assertThat(new String(catalog.record(key).orElseThrow(), StandardCharsets.UTF_8))
                    .isEqualTo(last);
        }
    }

    @Test
    void recordsOfTheSameLengthAreReadEachAsItIs() throws Exception {
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.commit(List.of(Change.put("x/1", "one"), Change.put("x/2", "two"), Change.put("x/3", "six")));
            assertThat(catalog.recordsUnder("x/").values().stream()
                            .map(value -> new String(value, StandardCharsets.UTF_8)))
                    .containsExactly("one", "two", "six");
        }
    }

    @Test
    void everyRecordFitsAtItsLargest() throws Exception {
        byte[] largest = new byte[RecordIndex.MAX_VALUE_BYTES];
        try (RecordIndex index = new RecordIndex()) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < RecordIndex.MAX_RECORDS; i++) {
                    index.apply(Change.put("k".repeat(248) + i, round == 0 && i % 2 == 0 ? new byte[1] : largest));
                }
            }
            assertThat(index.size()).isEqualTo(RecordIndex.MAX_RECORDS);
        }
    }

    private static SpaceRecord space(String name, OptionalLong quota) {
        return new SpaceRecord(name, 1 << 20, quota, Instant.now());
    }
}
