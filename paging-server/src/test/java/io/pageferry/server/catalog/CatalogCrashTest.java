package io.pageferry.server.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalog after kill -9, torn writes and damage: a commit is there wholly or not at all, or opening is refused. */
class CatalogCrashTest {
    private static final int KILLS = 8;

    @TempDir
    Path pool;

    private final Random random = TestSeed.random(CatalogCrashTest.class);

    @Test
    void afterAKillEachCommitIsThereWhollyOrNotAtAll() throws Exception {
        long acknowledged = -1;
        for (int round = 0; round < KILLS; round++) {
            long first = acknowledged + 2;
            try (ChildJvm child = ChildJvm.start(CatalogCrashMain.class, pool.toString(), String.valueOf(first))) {
                for (int commits = 1 + random.nextInt(2000); commits > 0; commits--) {
                    acknowledged = number(child.nextLine());
                }
                child.kill();
                acknowledged = Math.max(acknowledged, drain(child));
            }
            check(acknowledged);
        }
    }

    private static long number(String line) {
        assertThat(line).startsWith("committed ");
        return Long.parseLong(line.substring("committed ".length()));
    }

    private static long drain(ChildJvm child) {
        long last = -1;
        try {
            while (true) {
                String line = child.nextLine();
                last = line.matches("committed \\d+") ? number(line) : last;
            }
        } catch (IllegalStateException ended) {
            return last;
        }
    }

    private void check(long acknowledged) throws Exception {
        try (Catalog catalog = Catalog.open(pool)) {
            Map<String, byte[]> a = catalog.recordsUnder("a/");
            Map<String, byte[]> b = catalog.recordsUnder("b/");
            assertThat(a).hasSameSizeAs(b);
            long highest = -1;
            for (Map.Entry<String, byte[]> record : a.entrySet()) {
                assertThat(b.get("b/" + record.getKey().substring(2))).isEqualTo(record.getValue());
                String text = new String(record.getValue(), StandardCharsets.UTF_8).replace("x", "");
                highest = Math.max(highest, Long.parseLong(text));
            }
            assertThat(highest).isBetween(acknowledged, acknowledged + 1);
        }
    }

    @Test
    void aJournalCutAnywhereInItsLastCommitOpensWithoutIt() throws Exception {
        Path path = pool.resolve("catalog.journal");
        try (Catalog catalog = Catalog.open(pool)) {
            catalog.commit(List.of(Change.put("x", "old")));
        }
        byte[] before = Files.readAllBytes(path);
        int end = intactEnd(before);
        List<Change> changes = List.of(Change.put("x", "new"), Change.put("y", "new"));
        byte[] commit = JournalFormat.commit(
                        JournalReplay.read(path, ignored -> {}).lastNumber() + 1, changes)
                .array();
        for (int cut = 0; cut <= commit.length; cut++) {
            byte[] torn = before.clone();
            System.arraycopy(commit, 0, torn, end, cut);
            Files.write(path, torn);
            try (Catalog catalog = Catalog.open(pool)) {
                boolean whole = cut == commit.length;
                assertThat(new String(catalog.record("x").orElseThrow(), StandardCharsets.UTF_8))
                        .isEqualTo(whole ? "new" : "old");
                assertThat(catalog.record("y").isPresent()).isEqualTo(whole);
            }
        }
    }

    @Test
    void aFlippedBitIsRefusedOrHarmlessAndNeverBelieved() throws Exception {
        Path path = pool.resolve("catalog.journal");
        try (Catalog catalog = Catalog.open(pool)) {
            for (int i = 0; i < 10; i++) {
                catalog.commit(List.of(Change.put("x/" + i, "value " + i), Change.put("last", "" + i)));
            }
        }
        byte[] intact = Files.readAllBytes(path);
        int end = intactEnd(intact);
        int refused = 0;
        for (int round = 0; round < 300; round++) {
            byte[] damaged = intact.clone();
            int at = random.nextInt(end);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(path, damaged);
            try (Catalog catalog = Catalog.open(pool)) {
                assertThat(catalog.recordsUnder("x/")).hasSize(10);
                assertThat(new String(catalog.record("last").orElseThrow(), StandardCharsets.UTF_8))
                        .isEqualTo("9");
            } catch (CatalogDamagedException refusal) {
                assertThat(refusal).hasMessageContaining("catalog.journal");
                assertThat(refusal.hint()).contains("restore");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void aFileThatIsNoJournalIsRefused() throws Exception {
        Files.write(pool.resolve("catalog.journal"), new byte[100]);
        assertThatThrownBy(() -> Catalog.open(pool)).isInstanceOf(CatalogDamagedException.class);
        Files.write(pool.resolve("catalog.journal"), new byte[0]);
        assertThatThrownBy(() -> Catalog.open(pool)).isInstanceOf(CatalogDamagedException.class);
    }

    private static int intactEnd(byte[] journal) {
        int at = JournalFormat.HEADER_BYTES;
        for (JournalFormat.@Nullable Entry entry = JournalFormat.read(journal, at);
                entry != null;
                entry = JournalFormat.read(journal, at)) {
            at = entry.end();
        }
        return at;
    }
}
