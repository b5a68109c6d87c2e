package io.pageferry.stream;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A manifest as it comes by streams, in a file: what was put is there for the next process, until this is closed. Thread-safe. */
public final class ManifestFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private ManifestFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static ManifestFile create(Path file) throws IOException {
        return new ManifestFile(
                file,
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    static ManifestFile open(Path file) throws IOException {
        return new ManifestFile(file, FileChannel.open(file, StandardOpenOption.READ));
    }

    /** @param offset in the manifest, in bytes */
    void put(long offset, MemorySegment content) throws IOException {
        ByteBuffer from = content.asByteBuffer();
        while (from.hasRemaining()) channel.write(from, offset + from.position());
    }

    /** @throws EOFException if so much has not come */
    void get(long offset, MemorySegment into) throws IOException {
        ByteBuffer to = into.asByteBuffer();
        while (to.hasRemaining()) {
            if (channel.read(to, offset + to.position()) < 0) {
                throw new EOFException("the manifest ends at byte " + channel.size());
            }
        }
    }

    /** Deletes the file: nobody goes on with it any more. */
    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new StreamException("a manifest that is of no use any more could not be deleted: " + file, failure);
        }
    }
}
