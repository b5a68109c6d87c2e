package io.pageferry.attach;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.PageRegions;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.Userfaultfd.Mode;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.PageTables;
import io.pageferry.pagetable.Table;
import java.util.List;

/** Checks what a program brings when it attaches, and registers its two tables. */
final class Handshake {
    private Handshake() {}

    static AttachedPartition accept(MessageChannel channel, MessageChannel.Received first) {
        List<Descriptor> descriptors = first.descriptors();
        try {
            Attachment attachment = Attachment.of(first.message());
            requireDescriptors(attachment, descriptors);
            AttachedPartition partition = new AttachedPartition(attachment, channel, descriptors);
            try {
                register(partition);
            } catch (RuntimeException failure) {
                partition.closeDescriptors();
                throw failure;
            }
            return partition;
        } catch (LinuxException failure) {
            descriptors.forEach(Descriptor::close);
            throw new ProtocolException(
                    "the descriptors or addresses are not what they should be: " + failure.getMessage());
        } catch (RuntimeException failure) {
            descriptors.forEach(Descriptor::close);
            throw failure;
        }
    }

    private static void requireDescriptors(Attachment attachment, List<Descriptor> descriptors) {
        if (descriptors.size() != Attachment.DESCRIPTORS) {
            throw new ProtocolException("attach carries " + Attachment.DESCRIPTORS
                    + " descriptors (memory, userfaultfd, pagemap, page records), not " + descriptors.size());
        }
        requireMemory("the memory", descriptors.get(0), attachment.sizeBytes());
        long pageCount = attachment.sizeBytes() / PageTables.PAGE_BYTES;
        requireMemory("the page records", descriptors.get(3), PageRecords.sizeBytes(pageCount));
    }

    // A mapping of a file that can shrink would kill this process (SIGBUS) at its owner's whim.
    private static void requireMemory(String what, Descriptor memory, long sizeBytes) {
        if (!FileCalls.hasSealedSize(memory)) {
            throw new ProtocolException(what + " must be a memfd with the seals F_SEAL_SHRINK and F_SEAL_GROW");
        }
        if (FileCalls.size(memory) != sizeBytes) {
            throw new ProtocolException(what + " has " + FileCalls.size(memory) + " bytes, not " + sizeBytes);
        }
    }

    private static void register(AttachedPartition partition) {
        long sizeBytes = partition.attachment().sizeBytes();
        // Registered for its whole life: with it, a fault makes one entry and not its neighbours', so that sampling is
        // exact.
        partition.userfaultfd().register(partition.address(Table.PARTITION), sizeBytes, Mode.WRITE_PROTECT);
        long start = partition.address(Table.PARTITION);
        partition.pagemap().scan(start, start + PageTables.PAGE_BYTES, probe(), new PageRegions(1));
        if (partition.attachment().state() == ProgramState.INCOMING) {
            partition.watchWaiting();
        } else {
            boolean arriving = partition.attachment().pointer() == Table.MIGRATION;
            // An agent may have died between the switch and the end of the arrival; at the partition table nothing is
            // missing.
            if (!arriving) partition.userfaultfd().unregister(partition.address(Table.MIGRATION), sizeBytes);
            Mode mode = arriving ? Mode.MISSING_AND_WRITE_PROTECT : Mode.WRITE_PROTECT;
            partition.userfaultfd().register(partition.address(Table.MIGRATION), sizeBytes, mode);
        }
    }

    private static Pagemap.Query probe() {
        return new Pagemap.Query(Pagemap.CHECK_ASYNC, 0, 0, Pagemap.IS_PRESENT, Pagemap.IS_PRESENT);
    }
}
