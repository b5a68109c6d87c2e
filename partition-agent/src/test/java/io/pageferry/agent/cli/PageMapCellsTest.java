package io.pageferry.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class PageMapCellsTest {
    private static final byte READ_ONLY_HOT = 0x20 | 3;
    private static final byte READ_WRITE_COOL = 0x30 | 1;

    @TempDir
    private Path folder;

    @Test
    void eachCharacterShowsTheHottestOfItsCells() {
        byte[] cells = new byte[2048];
        cells[0] = READ_WRITE_COOL;
        cells[2] = READ_WRITE_COOL;
        cells[3] = READ_ONLY_HOT;
        cells[2047] = 0x20;
        assertThat(of(cells).lines())
                .hasSize(17)
                .startsWith("|=O" + " ".repeat(62) + "|")
                .endsWith("a character: the hottest of 8 pages; cold to hot read-only .:oO read-write -=%@");
        assertThat(of(cells).lines().get(15)).isEqualTo("|" + " ".repeat(63) + ".|");
    }

    @Test
    void thePictureHasASquareForEachCell() throws IOException {
        Path file = folder.resolve("map.png");
        PageMapPicture.write(of(new byte[] {READ_ONLY_HOT, READ_WRITE_COOL, 0, READ_ONLY_HOT, 0}), file);
        BufferedImage picture = ImageIO.read(file.toFile());
        assertThat(picture.getWidth()).isEqualTo(9);
        assertThat(picture.getHeight()).isEqualTo(6);
        assertThat(picture.getRGB(0, 0)).isEqualTo(0xffb5e3ff);
        assertThat(picture.getRGB(4, 1)).isEqualTo(0xffa63d14);
        assertThat(picture.getRGB(8, 2)).isEqualTo(0xff000000);
        assertThat(picture.getRGB(2, 5)).isEqualTo(0xffb5e3ff);
    }

    private static PageMapCells of(byte[] cells) {
        return PageMapCells.of(JsonMapper.shared()
                .createObjectNode()
                .put("pages-per-cell", 4)
                .put("cells", Base64.getEncoder().encodeToString(cells)));
    }
}
