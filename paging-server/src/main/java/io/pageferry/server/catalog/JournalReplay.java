package io.pageferry.server.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal from its beginning.
 *
 * <p><b>Invariant:</b> a commit that was acknowledged is either replayed or the journal is refused. Each commit is synced
 * before the next is written, so only the last can be unfinished; it is dropped if nothing intact follows it. Something
 * intact does follow every acknowledged commit, if only the note that it was settled.
 *
 * @param lastNumber number of the last commit
 * @param endBytes where the last intact record ends
 * @param droppedBytes how much of an unfinished commit follows it
 */
record JournalReplay(long lastNumber, long endBytes, long droppedBytes) {
    static JournalReplay read(Path journal, Consumer<List<Change>> commits) throws IOException {
        byte[] file = Files.readAllBytes(journal);
        long number = JournalFormat.readHeader(file) - 1;
        if (number < 0) {
            throw new CatalogDamagedException(journal, "it does not begin with the header of a catalog's journal");
        }
        int at = JournalFormat.HEADER_BYTES;
        for (JournalFormat.@Nullable Entry entry = JournalFormat.read(file, at);
                entry != null;
                entry = JournalFormat.read(file, at)) {
            long expected = entry.kind() == JournalFormat.COMMIT ? number + 1 : number;
            if (entry.number() != expected) {
                throw new CatalogDamagedException(
                        journal, "commit " + entry.number() + " at byte " + at + " where " + expected + " should be");
            }
            if (entry.kind() == JournalFormat.COMMIT) {
                commits.accept(entry.changes());
                number = entry.number();
            }
            at = entry.end();
        }
        requireNothingAfter(journal, file, at);
        return new JournalReplay(number, at, lengthWithoutZeroes(file, at) - at);
    }

    /** The journal ends in zeroes: room that was made before it is needed. */
    private static int lengthWithoutZeroes(byte[] file, int from) {
        int length = file.length;
        while (length > from && file[length - 1] == 0) {
            length--;
        }
        return length;
    }

    private static void requireNothingAfter(Path journal, byte[] file, int damagedAt) {
        for (int at = damagedAt + 1; at < file.length; at++) {
            if (JournalFormat.read(file, at) != null) {
                throw new CatalogDamagedException(
                        journal,
                        "the record at byte " + damagedAt + " is not intact, though one at byte " + at + " is");
            }
        }
    }
}
