package io.pageferry.direct;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of a partition's paging space, kept from one migration to the next: making their page-table entries anew can cost
 * more than copying through them does. One for writing and one for reading; of spaces in memory alone, since pages of a device that
 * are mapped are harder to take back, and not of one that is deleted. Thread-safe.
 *
 * <p>Invariant: what is handed out maps the very file that was asked for. A file that is open keeps its inode, so no other has its
 * number.
 */
public final class SpaceMappings implements AutoCloseable {
    private @Nullable Loan forReading;
    private @Nullable Loan forWriting;
    private boolean closed;

    /** A mapping of a space for one path, which gives it back by closing. */
    static final class Loan implements AutoCloseable {
        private final SpaceMappings owner;
        private final Descriptor file;
        private final boolean writable;
        private final Arena arena = Arena.ofShared();
        private final Mapping mapping;

        private Loan(SpaceMappings owner, Descriptor file, long sizeBytes, boolean writable) {
            this.owner = owner;
            this.file = FileCalls.reopen(file, FileCalls.OpenMode.READ);
            this.writable = writable;
            try {
                this.mapping =
                        writable ? Mapping.readWrite(file, sizeBytes, arena) : Mapping.readOnly(file, sizeBytes, arena);
            } catch (RuntimeException refused) {
                this.file.close();
                throw refused;
            }
        }

        Mapping mapping() {
            return mapping;
        }

        /** Once, when nothing uses the mapping any more. */
        @Override
        public void close() {
            owner.takeBack(this);
        }

        private boolean isOf(Descriptor other, long sizeBytes) {
            return mapping.sizeBytes() == sizeBytes && FileCalls.isSameFile(file, other);
        }

        private boolean isWorthKeeping() {
            return FileCalls.isInMemory(file) && !FileCalls.isDeleted(file);
        }

        private void unmap() {
            arena.close();
            file.close();
        }
    }

    /** A mapping of a space's file, for the caller alone. */
    synchronized Loan take(Descriptor file, long sizeBytes, boolean writable) {
        Loan kept = writable ? forWriting : forReading;
        keep(writable, null);
        if (kept != null) {
            if (kept.isOf(file, sizeBytes)) return kept;
            kept.unmap();
        }
        return new Loan(this, file, sizeBytes, writable);
    }

    private synchronized void takeBack(Loan loan) {
        Loan former = loan.writable ? forWriting : forReading;
        if (closed || former != null || !loan.isWorthKeeping()) loan.unmap();
        else keep(loan.writable, loan);
    }

    private void keep(boolean writable, @Nullable Loan loan) {
        if (writable) forWriting = loan;
        else forReading = loan;
    }

    /** Unmaps what is kept, and what is in use still once that is given back. */
    @Override
    public synchronized void close() {
        closed = true;
        if (forReading != null) forReading.unmap();
        if (forWriting != null) forWriting.unmap();
        forReading = null;
        forWriting = null;
    }
}
