package io.pageferry.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetTest {
    @TempDir
    private Path temporary;

    private final List<String> stored = new ArrayList<>();
    private Path folder = Path.of("");

    @BeforeEach
    void fill() throws IOException {
        folder = Files.createDirectories(temporary.resolve("data"));
        Files.write(folder.resolve("a"), new byte[DataSet.VALUE_BYTES + 10]);
        Files.write(Files.createDirectories(folder.resolve("below")).resolve("b"), new byte[100]);
        Files.write(folder.resolve("empty"), new byte[0]);
    }

    @Test
    void eachFileIsLoadedInParts() {
        DataSet data = load(folder, 1 << 20);
        assertThat(stored).containsExactly("a#0", "a#1", "below/b#0");
        assertThat(data.digests()).hasSize(3);
        assertThat(data.sizeBytes()).isEqualTo(DataSet.VALUE_BYTES + 110);
        assertThat(data.leftOutBytes()).isZero();
        assertThat(data.unreadable()).isEmpty();
    }

    @Test
    void aLinkToTheFolderIsAsGoodAsTheFolder() throws IOException {
        load(Files.createSymbolicLink(temporary.resolve("link"), folder), 1 << 20);
        assertThat(stored).containsExactly("a#0", "a#1", "below/b#0");
    }

    @Test
    void whatIsTooMuchIsCounted() {
        DataSet data = load(folder, DataSet.VALUE_BYTES);
        assertThat(stored).containsExactly("a#0");
        assertThat(data.leftOutBytes()).isEqualTo(110);
    }

    private DataSet load(Path from, long maxBytes) {
        return DataSet.load(from, maxBytes, (key, value) -> stored.add(key));
    }
}
