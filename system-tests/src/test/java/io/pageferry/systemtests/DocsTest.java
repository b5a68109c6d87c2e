package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents lead somewhere, and nowhere that a reader cannot go. */
class DocsTest {
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+\\s+(.*)$");

    // Spelt in halves, so that this file names none.
    private static final List<Pattern> FOREIGN = Stream.of(
                    "repo1?\\.mav" + "en\\.(apache\\.)?org",
                    "registry\\.npm" + "js\\.org",
                    "deb\\.deb" + "ian\\.org",
                    "(files\\.)?python" + "hosted\\.org",
                    "proxy\\.gol" + "ang\\.org",
                    "(^|[^\\w./-])/wo" + "rk/",
                    "/tmp/(bench|brief|bash_jobs)")
            .map(Pattern::compile)
            .toList();

    private static final List<Path> DOCUMENTS = ProjectFiles.endingWith(".md");

    @Test
    void everyRelativeLinkResolves() {
        assertThat(DOCUMENTS.stream().flatMap(DocsTest::deadLinks))
                .as("dead links")
                .isEmpty();
    }

    @Test
    void theIndexListsEveryDocument() {
        Path docs = ProjectFiles.HOME.resolve("docs");
        Path index = docs.resolve("README.md");
        Set<Path> listed =
                links(index).map(link -> docs.resolve(link).normalize()).collect(Collectors.toSet());

        assertThat(DOCUMENTS.stream()
                        .filter(file -> file.startsWith(docs) && !file.equals(index))
                        .filter(file -> !listed.contains(file))
                        .map(ProjectFiles::name))
                .as("documents that docs/README.md does not list")
                .isEmpty();
    }

    @Test
    void noFileNamesARegistryHostOrAPlaceOnOneMachine() {
        assertThat(ProjectFiles.text().stream().flatMap(DocsTest::foreignNames)).isEmpty();
    }

    private static Stream<String> deadLinks(Path document) {
        return links(document)
                .filter(link -> !resolves(document, link))
                .map(link -> ProjectFiles.name(document) + " -> " + link);
    }

    private static boolean resolves(Path document, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty()
                ? document
                : document.resolveSibling(parts[0]).normalize();
        boolean anchored = parts.length == 2 && target.toString().endsWith(".md");
        return Files.exists(target) && (!anchored || anchors(target).contains(parts[1]));
    }

    // As GitHub makes them: lower case, spaces to hyphens, punctuation dropped.
    private static Set<String> anchors(Path document) {
        return matches(HEADING, withoutCode(document))
                .map(heading -> heading.strip()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static Stream<String> links(Path document) {
        return matches(LINK, withoutCode(document)).filter(link -> !link.matches("[a-z]+:.*"));
    }

    private static String withoutCode(Path document) {
        return CODE_BLOCK.matcher(ProjectFiles.read(document)).replaceAll("");
    }

    private static Stream<String> matches(Pattern pattern, String text) {
        List<MatchResult> results = pattern.matcher(text).results().toList();
        return results.stream().map(result -> result.group(1));
    }

    private static Stream<String> foreignNames(Path file) {
        String text = ProjectFiles.read(file);
        return FOREIGN.stream()
                .filter(pattern -> pattern.matcher(text).find())
                .map(pattern -> ProjectFiles.name(file) + " has " + pattern.pattern());
    }
}
