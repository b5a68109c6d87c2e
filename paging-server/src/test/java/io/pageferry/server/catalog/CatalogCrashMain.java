package io.pageferry.server.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Commits two records at a time until it is killed; says what it begins and what it has done. */
final class CatalogCrashMain {
    private CatalogCrashMain() {}

    public static void main(String[] args) throws Exception {
        Thread.ofPlatform().daemon().start(CatalogCrashMain::endWithParent);
        Catalog catalog = Catalog.open(Path.of(args[0]));
        for (long number = Long.parseLong(args[1]); ; number++) {
            String value = number + "x".repeat((int) (number % 97) * 20);
            catalog.commit(List.of(Change.put("a/" + number % 5, value), Change.put("b/" + number % 5, value)));
            System.out.println("committed " + number);
        }
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // The parent never says anything: it kills, or it ends.
            }
        } catch (IOException gone) {
            // The same.
        }
        Runtime.getRuntime().halt(1);
    }
}
