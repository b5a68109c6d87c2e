package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptsTest {
    @Test
    void shellcheckFindsNothing() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(RequiredTool.find("shellcheck", "shellcheck").toString(), "-x", ".ci/run"));
        ProjectFiles.endingWith(".sh").forEach(script -> command.add(ProjectFiles.name(script)));
        Process process = new ProcessBuilder(command)
                .directory(ProjectFiles.HOME.toFile())
                .redirectErrorStream(true)
                .start();
        String findings = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(findings).isZero();
    }

    @Test
    void everyScriptThatAUserStartsIsExecutable() {
        Path folder = ProjectFiles.HOME.resolve("scripts");
        List<Path> scripts = ProjectFiles.endingWith(".sh").stream()
                .filter(script ->
                        script.startsWith(folder) && folder.relativize(script).getNameCount() == 1)
                .toList();

        assertThat(scripts).isNotEmpty().allMatch(Files::isExecutable);
    }
}
