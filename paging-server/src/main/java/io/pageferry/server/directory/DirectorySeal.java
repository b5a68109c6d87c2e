package io.pageferry.server.directory;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Written beside a directory when it is closed, and taken away before it is opened: {@code NAME.directory.seal}. A
 * directory is trusted only under a seal that fits every byte of it. Without one it was not closed, so it may end in the
 * middle of a change, and it is rebuilt from the space's data instead.
 *
 * @param pageCount pages of the space
 * @param sizeBytes size of the sealed file
 * @param sequence the last sequence number that may be in it
 * @param contentCrc {@link #contentCrc} of the sealed file
 */
record DirectorySeal(long pageCount, long sizeBytes, long sequence, int contentCrc) {
    private static final long MAGIC = 0x5046_5345_414C_0001L; // "PFSEAL", version 1
    private static final int SIZE_BYTES = 48;
    private static final int BLOCK_BYTES = 1 << 16;

    static Path pathOf(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".seal");
    }

    /** Reads the seal and removes it durably; empty where it is missing or damaged. */
    static Optional<DirectorySeal> take(Path directory) throws IOException {
        Path path = pathOf(directory);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(path);
        Files.delete(path);
        syncFolder(directory);
        return decode(bytes);
    }

    /** Seals a closed directory; it and the seal are durable when this returns. */
    static void put(Path directory, long pageCount, long sequence) throws IOException {
        try (FileChannel content = FileChannel.open(directory, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            content.force(true);
            DirectorySeal seal = new DirectorySeal(pageCount, content.size(), sequence, contentCrc(directory, content));
            Path unfinished = directory.resolveSibling(directory.getFileName() + ".seal.new");
            try (FileChannel channel = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                channel.write(seal.encode());
                channel.force(true);
            }
            Files.move(
                    unfinished, pathOf(directory), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(directory);
        }
    }

    /** Whether the file is, byte for byte, what was sealed. */
    boolean fits(Path directory, long expectedPageCount) throws IOException {
        if (pageCount != expectedPageCount || !Files.exists(directory)) {
            return false;
        }
        try (FileChannel content = FileChannel.open(directory, StandardOpenOption.READ)) {
            return content.size() == sizeBytes && contentCrc(directory, content) == contentCrc;
        }
    }

    private ByteBuffer encode() {
        ByteBuffer buffer = ByteBuffer.allocate(SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(MAGIC).putLong(pageCount).putLong(sizeBytes).putLong(sequence);
        buffer.putLong(Integer.toUnsignedLong(contentCrc));
        buffer.putLong(crcOf(buffer.duplicate().flip()));
        return buffer.flip();
    }

    private static Optional<DirectorySeal> decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length != SIZE_BYTES
                || buffer.getLong(0) != MAGIC
                || buffer.getLong(SIZE_BYTES - Long.BYTES)
                        != crcOf(buffer.duplicate().limit(SIZE_BYTES - Long.BYTES))) {
            return Optional.empty();
        }
        return Optional.of(
                new DirectorySeal(buffer.getLong(8), buffer.getLong(16), buffer.getLong(24), (int) buffer.getLong(32)));
    }

    private static long crcOf(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    /** CRC32C over the numbers and bytes of all blocks of 64 KiB that are not zero, so that holes do not matter. */
    private static int contentCrc(Path path, FileChannel content) throws IOException {
        try (Descriptor file = FileCalls.open(path, FileCalls.OpenMode.READ)) {
            return contentCrc(file, content);
        }
    }

    private static int contentCrc(Descriptor file, FileChannel content) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
        ByteBuffer zeroes = ByteBuffer.allocateDirect(BLOCK_BYTES);
        long size = content.size();
        for (long at = 0; at < size; at = nextBlock(file, at + BLOCK_BYTES)) {
            block.clear();
            readBlock(content, block, at);
            block.flip();
            if (!block.equals(zeroes.duplicate().limit(block.limit()))) {
                crc.update(number.clear().putLong(at).flip());
                crc.update(block);
            }
        }
        return (int) crc.getValue();
    }

    /** The next block that is not a hole; zeroes in it are for the caller to see. */
    private static long nextBlock(Descriptor file, long from) {
        long data = FileCalls.nextData(file, from);
        return data < 0 ? Long.MAX_VALUE : Math.max(from, data & -BLOCK_BYTES);
    }

    private static void readBlock(FileChannel content, ByteBuffer block, long at) throws IOException {
        while (block.hasRemaining()) {
            if (content.read(block, at + block.position()) < 0) {
                return;
            }
        }
    }

    private static void syncFolder(Path file) throws IOException {
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
