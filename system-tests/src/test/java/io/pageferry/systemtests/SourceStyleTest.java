package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of style that a program can check; the rest is up to the reader. */
class SourceStyleTest {
    private static final int MAX_FILE_LINES = 400;
    private static final int MAX_METHOD_LINES = 59;
    private static final int MAX_LINE_CHARACTERS = 140;

    private static final List<Path> JAVA = ProjectFiles.endingWith(".java");

    @Test
    void noFileIsLongerThan400Lines() {
        assertThat(code().filter(file -> lines(file).size() > MAX_FILE_LINES).map(ProjectFiles::name))
                .as("longer than " + MAX_FILE_LINES + " lines: split the roles")
                .isEmpty();
    }

    @Test
    void noLineIsLongerThan140Characters() {
        assertThat(code().flatMap(file -> inLines(file, SourceStyleTest::tooLong)))
                .isEmpty();
    }

    @Test
    void everyMethodIsUnder60Lines() throws IOException {
        List<String> tooLong = new ArrayList<>();
        SourceTrees.read(JAVA, new SourceTrees.Visitor() {
            @Override
            public void method(Path file, String name, long firstLine, long lineCount) {
                if (lineCount > MAX_METHOD_LINES) {
                    tooLong.add(
                            ProjectFiles.name(file) + ":" + firstLine + " " + name + " has " + lineCount + " lines");
                }
            }
        });
        assertThat(tooLong).as("a method is a step: split it").isEmpty();
    }

    @Test
    void everyPublicTypeSaysWhatItIs() throws IOException {
        List<String> silent = new ArrayList<>();
        List<Path> main = JAVA.stream()
                .filter(file -> file.toString().contains("/src/main/"))
                .toList();
        SourceTrees.read(main, new SourceTrees.Visitor() {
            @Override
            public void publicType(Path file, String name, boolean documented) {
                if (!documented) {
                    silent.add(ProjectFiles.name(file) + ": " + name);
                }
            }
        });
        assertThat(silent).as("public types without a documentation comment").isEmpty();
    }

    @Test
    void noFileHasABannedWord() {
        assertThat(ProjectFiles.text().stream().flatMap(file -> inLines(file, BannedWords::in)))
                .isEmpty();
    }

    @Test
    void everyPackageIsNullMarkedAndSaysWhatItHolds() {
        Set<Path> packages = new TreeSet<>();
        JAVA.forEach(file -> packages.add(file.getParent()));

        assertThat(packages.stream()
                        .filter(folder -> !isDocumentedAndNullMarked(folder))
                        .map(ProjectFiles::name))
                .as("packages without a package-info.java that is @NullMarked and has a documentation comment")
                .isEmpty();
    }

    // A test package is the main package of the same name where there is one.
    private static boolean isDocumentedAndNullMarked(Path folder) {
        Path info = folder.resolve("package-info.java");
        if (!Files.exists(info)) {
            info = Path.of(info.toString().replace("/src/test/", "/src/main/").replace("/src/jmh/", "/src/main/"));
        }
        String text = Files.exists(info) ? ProjectFiles.read(info) : "";
        return text.startsWith("/**") && text.contains("@NullMarked");
    }

    private static Stream<Path> code() {
        return Stream.of(".java", ".sh", ".py").flatMap(ending -> ProjectFiles.endingWith(ending).stream());
    }

    private static Stream<String> tooLong(String line) {
        return line.length() <= MAX_LINE_CHARACTERS
                ? Stream.empty()
                : Stream.of("has " + line.length() + " characters");
    }

    private static Stream<String> inLines(Path file, Function<String, Stream<String>> check) {
        List<String> lines = lines(file);
        return IntStream.range(0, lines.size())
                .boxed()
                .flatMap(index -> check.apply(lines.get(index))
                        .map(finding -> ProjectFiles.name(file) + ":" + (index + 1) + " " + finding));
    }

    private static List<String> lines(Path file) {
        return ProjectFiles.read(file).lines().toList();
    }
}
