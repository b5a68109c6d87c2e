package io.pageferry.server.directory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;

/** Writes and discards pages of several spaces until it is killed; says what it begins and what it has done. */
final class DirectoryCrashMain {
    static final int SPACES = 4;
    static final int PAGES = 3000;

    private DirectoryCrashMain() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        long seed = Long.parseLong(args[1]);
        for (int space = 0; space < SPACES; space++) {
            int index = space;
            Thread.ofPlatform().daemon().start(() -> work(folder, index, new Random(seed + index)));
        }
        try (InputStream in = System.in) {
            while (in.read() >= 0) {
                // The parent never says anything: it kills, or it ends.
            }
        }
        System.exit(1);
    }

    private static void work(Path folder, int space, Random random) {
        try {
            DataFile data = new DataFile(folder.resolve(space + ".space"), PAGES);
            PageDirectory directory = PageDirectory.open(folder.resolve(space + ".directory"), PAGES, data::ranges);
            while (true) {
                step(directory, data, space, random);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void step(PageDirectory directory, DataFile data, int space, Random random) throws IOException {
        int page = random.nextInt(PAGES);
        if (random.nextInt(3) > 0) {
            System.out.println("write " + space + " " + page);
            data.write(page, (byte) (1 + random.nextInt(100)));
            directory.markWritten(page, 1);
            System.out.println("written " + space + " " + page);
        } else {
            System.out.println("discard " + space + " " + page);
            directory.markDiscarded(page, 1);
            data.punch(page);
            directory.markChanged(page, 1);
            System.out.println("discarded " + space + " " + page);
        }
        if (random.nextInt(100) == 0) {
            directory.sync();
        }
    }
}
