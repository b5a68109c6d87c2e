package io.pageferry.agent.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * The map of a partition as a picture: a square a cell, by rows. Black holds nothing; read-only pages go from dark to light
 * blue as they get hotter, read-write pages from brown to yellow.
 */
final class PageMapPicture {
    private static final int CELL_PIXELS = 3;
    private static final int HOLE = 0x000000;
    private static final int[] READ_ONLY = {0x1b2a49, 0x2c5f9e, 0x4aa3df, 0xb5e3ff};
    private static final int[] READ_WRITE = {0x4a2511, 0xa63d14, 0xf0781e, 0xffe14d};

    private PageMapPicture() {}

    /** Writes a PNG. */
    static void write(PageMapCells cells, Path file) throws IOException {
        if (!ImageIO.write(draw(cells), "png", file.toFile())) throw new IOException("this JDK cannot write PNG");
    }

    static BufferedImage draw(PageMapCells cells) {
        int columns = Math.max(1, (int) Math.ceil(Math.sqrt(cells.count())));
        int rows = Math.max(1, (cells.count() + columns - 1) / columns);
        BufferedImage picture =
                new BufferedImage(columns * CELL_PIXELS, rows * CELL_PIXELS, BufferedImage.TYPE_INT_RGB);
        for (int cell = 0; cell < cells.count(); cell++) {
            int x = cell % columns * CELL_PIXELS;
            int y = cell / columns * CELL_PIXELS;
            for (int pixel = 0; pixel < CELL_PIXELS * CELL_PIXELS; pixel++) {
                picture.setRGB(x + pixel % CELL_PIXELS, y + pixel / CELL_PIXELS, colour(cells, cell));
            }
        }
        return picture;
    }

    private static int colour(PageMapCells cells, int cell) {
        if (!cells.hasData(cell)) return HOLE;
        return (cells.isReadWrite(cell) ? READ_WRITE : READ_ONLY)[cells.heat(cell)];
    }
}
