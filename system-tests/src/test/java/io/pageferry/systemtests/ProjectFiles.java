package io.pageferry.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The project's own files: all below its home but what builds and tools put there. */
final class ProjectFiles {
    static final Path HOME =
            Path.of(System.getProperty("pageferry.home", "..")).toAbsolutePath().normalize();

    private static final Set<String> FOREIGN_FOLDERS = Set.of("target", ".git", ".idea", ".vscode", "node_modules");
    private static final Set<String> TEXT_ENDINGS = Set.of(
            ".java",
            ".sh",
            ".md",
            ".xml",
            ".py",
            ".json",
            ".args",
            ".config",
            ".properties",
            ".txt",
            ".gitignore",
            "run");

    private ProjectFiles() {}

    static List<Path> endingWith(String ending) {
        return all().stream().filter(file -> file.toString().endsWith(ending)).toList();
    }

    static List<Path> text() {
        return all().stream()
                .filter(file -> TEXT_ENDINGS.stream().anyMatch(file.toString()::endsWith))
                .toList();
    }

    private static List<Path> all() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(HOME, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    boolean foreign =
                            FOREIGN_FOLDERS.contains(folder.getFileName().toString());
                    return foreign ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** The path as a person would name it, from the project's home. */
    static String name(Path file) {
        return HOME.relativize(file).toString();
    }
}
