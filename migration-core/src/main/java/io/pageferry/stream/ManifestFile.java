package io.pageferry.stream;

import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A manifest as it comes by streams, in a file: what was put is there for the next process. Thread-safe. */
public final class ManifestFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ManifestFile.class.getName());

    private final FileChannel channel;

    ManifestFile(FileChannel channel) {
        this.channel = channel;
    }

    static ManifestFile create(Path file) throws IOException {
        return new ManifestFile(FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    static ManifestFile open(Path file) throws IOException {
        return new ManifestFile(FileChannel.open(file, StandardOpenOption.READ));
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

    /** The file stays, for whoever goes on with it. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            LOG.log(Level.DEBUG, "a manifest''s file could not be closed", failure);
        }
    }
}
