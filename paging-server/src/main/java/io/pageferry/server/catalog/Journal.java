package io.pageferry.server.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An append-only file of commits, used by one thread at a time. Readable by its owner only: it holds the leases' tokens.
 * It is made with room for thousands of commits, filled with zeroes, so that leases can be renewed on a full device.
 */
final class Journal implements AutoCloseable {
    /** How large a journal is made. */
    static final long ROOM_BYTES = 1 << 20;

    private final Path path;
    private FileChannel channel;
    private long lastNumber;
    private long endBytes;
    private boolean broken;

    private Journal(Path path, FileChannel channel, long lastNumber, long endBytes) {
        this.path = path;
        this.channel = channel;
        this.lastNumber = lastNumber;
        this.endBytes = endBytes;
    }

    /** Makes a journal of some first records; it appears whole or not at all. */
    static Journal create(Path path, List<Change> records) throws IOException {
        return write(path, 1, records);
    }

    /** Opens a journal, passes what it holds commit by commit, and cuts off a last commit that was not finished. */
    static Journal open(Path path, Consumer<List<Change>> commits, Consumer<Long> dropped) throws IOException {
        JournalReplay replay = JournalReplay.read(path, commits);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        try {
            if (replay.droppedBytes() > 0) {
                dropped.accept(replay.droppedBytes());
                zero(channel, replay.endBytes(), replay.droppedBytes());
                channel.force(true);
            }
            return new Journal(path, channel, replay.lastNumber(), replay.endBytes());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    long sizeBytes() {
        return endBytes;
    }

    /**
     * Appends one commit; it is durable when this returns, and absent if this throws, unless not even that can be made
     * sure: then every later commit is refused until the catalog is opened again.
     */
    void commit(List<Change> changes) throws IOException {
        if (broken) {
            throw new IOException(path + " takes no commits since one failed: restart the server, and see its log");
        }
        ByteBuffer record = JournalFormat.commit(lastNumber + 1, changes);
        int recordBytes = record.remaining();
        try {
            append(record, endBytes);
            channel.force(false);
            endBytes += recordBytes;
            lastNumber++;
        } catch (IOException | RuntimeException e) {
            withdraw(recordBytes, e);
            throw e;
        }
        noteSettled();
    }

    /** Takes back a commit that failed half way. */
    private void withdraw(long commitBytes, Exception cause) {
        broken = true;
        try {
            zero(channel, endBytes, commitBytes);
            channel.force(true);
            broken = false;
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Not synced: it becomes durable with the next commit, and until then only tells damage from an unfinished end. */
    private void noteSettled() {
        try {
            endBytes = append(JournalFormat.settled(lastNumber), endBytes);
        } catch (IOException e) {
            // The commit stands. Part of the note may be in the file: the next commit overwrites it.
        }
    }

    private static void zero(FileChannel channel, long from, long bytes) throws IOException {
        for (long at = from, end = Math.min(from + bytes, channel.size()); at < end; ) {
            ByteBuffer zeroes = ByteBuffer.allocate((int) Math.min(end - at, 1 << 16));
            at += channel.write(zeroes, at);
        }
    }

    private long append(ByteBuffer record, long at) throws IOException {
        long end = at + record.remaining();
        while (record.hasRemaining()) {
            channel.write(record, end - record.remaining());
        }
        return end;
    }

    /** Replaces what the journal holds by the records as they are now; a crash leaves the old one or the new one. */
    void compact(Map<String, byte[]> records) throws IOException {
        List<Change> changes = new ArrayList<>();
        records.forEach((key, value) -> changes.add(Change.put(key, value)));
        Journal compacted = write(path, lastNumber + 1, changes);
        channel.close();
        channel = compacted.channel;
        lastNumber = compacted.lastNumber;
        endBytes = compacted.endBytes;
    }

    private static Journal write(Path path, long firstNumber, List<Change> records) throws IOException {
        Path unfinished = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        FileChannel channel = FileChannel.open(
                unfinished,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Journal journal = new Journal(path, channel, firstNumber - 1, 0);
            journal.endBytes = journal.append(JournalFormat.header(firstNumber), 0);
            for (Change change : records) {
                journal.endBytes =
                        journal.append(JournalFormat.commit(++journal.lastNumber, List.of(change)), journal.endBytes);
            }
            journal.noteSettled();
            journal.append(ByteBuffer.allocate((int) Math.max(0, ROOM_BYTES - journal.endBytes)), journal.endBytes);
            channel.force(true);
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
            return journal;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.force(true);
        channel.close();
    }
}
