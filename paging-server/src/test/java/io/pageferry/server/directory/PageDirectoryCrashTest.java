package io.pageferry.server.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory after kill -9 and after damage: no page with data is ever taken for a hole. */
class PageDirectoryCrashTest {
    private static final int KILLS = 4;
    private static final int PAGES = DirectoryCrashMain.PAGES;

    @TempDir
    Path folder;

    private final Random random = TestSeed.random(PageDirectoryCrashTest.class);

    @Test
    void afterAKillEveryPageIsWhatWasAcknowledged() throws Exception {
        Map<String, String> last = new HashMap<>();
        for (int round = 0; round < KILLS; round++) {
            try (ChildJvm child =
                    ChildJvm.start(DirectoryCrashMain.class, folder.toString(), String.valueOf(random.nextLong()))) {
                for (int line = 500 + random.nextInt(20_000); line > 0; line--) {
                    note(last, child.nextLine());
                }
                child.kill();
                drain(child, last);
            }
            for (int space = 0; space < DirectoryCrashMain.SPACES; space++) {
                check(space, last);
            }
        }
    }

    private static void note(Map<String, String> last, String line) {
        String[] words = line.split(" ", -1);
        last.put(words[1] + " " + words[2], words[0]);
    }

    private static void drain(ChildJvm child, Map<String, String> last) {
        try {
            while (true) {
                String line = child.nextLine();
                if (line.matches("(write|written|discard|discarded) \\d+ \\d+")) {
                    note(last, line);
                }
            }
        } catch (IllegalStateException ended) {
            assertThat(ended).hasMessageContaining("has ended");
        }
    }

    private void check(int space, Map<String, String> last) throws Exception {
        try (DataFile data = new DataFile(folder.resolve(space + ".space"), PAGES);
                PageDirectory directory =
                        PageDirectory.open(folder.resolve(space + ".directory"), PAGES, data::ranges)) {
            PageSet holding = new PageSet(PAGES);
            data.ranges().forEach(holding::add);
            for (int page = 0; page < PAGES; page++) {
                assertThat(directory.isWritten(page)).as("page %d", page).isEqualTo(holding.contains(page));
                if (last.getOrDefault(space + " " + page, "").equals("written")) {
                    assertThat(directory.isWritten(page))
                            .as("page %d, acknowledged", page)
                            .isTrue();
                }
            }
        }
    }

    private static void assertDataIsWritten(PageDirectory directory, DataFile data) {
        for (PageRange range : data.ranges()) {
            directory.runs(
                    range.firstPage(),
                    range.pageCount(),
                    (first, count, written) -> assertThat(written)
                            .as("pages %d + %d hold data", first, count)
                            .isTrue());
        }
    }

    @Test
    void aDamagedDirectoryIsRebuiltFromTheData() throws Exception {
        Path file = folder.resolve("s.directory");
        try (DataFile data = new DataFile(folder.resolve("s.space"), PAGES)) {
            for (int round = 0; round < 60; round++) {
                long before;
                try (PageDirectory directory = PageDirectory.open(file, PAGES, data::ranges)) {
                    assertDataIsWritten(directory, data);
                    for (int i = 0; i < 20; i++) {
                        int page = random.nextInt(PAGES);
                        data.write(page, (byte) 1);
                        directory.markWritten(page, 1);
                    }
                    before = directory.writtenPages();
                }
                damage(random.nextBoolean() ? file : DirectorySeal.pathOf(file));
                try (PageDirectory directory = PageDirectory.open(file, PAGES, data::ranges)) {
                    assertDataIsWritten(directory, data);
                    assertThat(directory.writtenPages()).isEqualTo(before);
                }
            }
        }
    }

    private void damage(Path file) throws Exception {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            switch (random.nextInt(4)) {
                case 0 -> Files.delete(file);
                case 1 -> bytes.setLength(random.nextLong(bytes.length()));
                case 2 -> bytes.setLength(bytes.length() + 1 + random.nextInt(5000));
                default -> {
                    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                        // Half of them at the beginning, where the map keeps its structure.
                        long at =
                                random.nextLong(random.nextBoolean() ? Math.min(9000, bytes.length()) : bytes.length());
                        bytes.seek(at);
                        int old = bytes.read();
                        bytes.seek(at);
                        bytes.write(old ^ (1 << random.nextInt(8)));
                    }
                }
            }
        }
    }

    @Test
    void dataThatAppearedWhileTheDirectoryWasClosedIsMarked() throws Exception {
        Path file = folder.resolve("s.directory");
        try (DataFile data = new DataFile(folder.resolve("s.space"), PAGES)) {
            PageDirectory.open(file, PAGES, data::ranges).close();
            data.write(7, (byte) 1);
            try (PageDirectory directory = PageDirectory.open(file, PAGES, data::ranges)) {
                assertThat(directory.isWritten(7)).isTrue();
                assertThat(directory.writtenPages()).isEqualTo(1);
            }
        }
    }
}
