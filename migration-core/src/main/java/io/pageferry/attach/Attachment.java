package io.pageferry.attach;

import io.pageferry.pagetable.PageTables;
import io.pageferry.pagetable.Table;
import java.util.Optional;

/**
 * What a program says of itself and its memory when it attaches.
 *
 * @param name the partition's name: letters, digits, {@code . _ -}, at most 64, a letter or digit first
 * @param sizeBytes the memory's size, a positive multiple of the page size
 * @param processId the program's process id, as it sees it
 * @param partitionTable address of the first mapping in the program
 * @param migrationTable address of the second mapping in the program
 * @param pointer which of the two the program runs on
 * @param userModeOnly whether faults inside system calls are not served
 * @param endpoint where clients reach the program, {@code HOST:PORT}, if it has such a place
 */
public record Attachment(
        String name,
        long sizeBytes,
        ProgramState state,
        long processId,
        long partitionTable,
        long migrationTable,
        Table pointer,
        boolean userModeOnly,
        Optional<String> endpoint) {
    /** The version of the protocol; a peer of another version is refused. */
    public static final int VERSION = 1;
    /** The descriptors that come along, in this order: memory, userfaultfd, pagemap, page records. */
    public static final int DESCRIPTORS = 4;

    static final String VERB = "attach";
    private static final String NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /** Checks everything that can be checked without the descriptors. */
    public Attachment {
        try {
            requireName(name);
            PageTables.requireSize(sizeBytes);
        } catch (IllegalArgumentException wrong) {
            throw new ProtocolException(String.valueOf(wrong.getMessage()));
        }
        requireMapping("partition-table", partitionTable, sizeBytes);
        requireMapping("migration-table", migrationTable, sizeBytes);
        boolean overlap = partitionTable < migrationTable + sizeBytes && migrationTable < partitionTable + sizeBytes;
        if (overlap) throw new ProtocolException("the two tables must be two mappings that do not overlap");
    }

    /** Refuses a name that no partition can have, by an IllegalArgumentException. */
    public static void requireName(String name) {
        if (!name.matches(NAME_PATTERN)) {
            throw new IllegalArgumentException(
                    "a partition's name is letters, digits, '.', '_' and '-', at most 64, a letter or digit first, not '"
                            + Message.printable(name) + "'");
        }
    }

    public Message toMessage() {
        Message message = Message.of(VERB)
                .with("version", VERSION)
                .with("name", name)
                .with("size-bytes", sizeBytes)
                .with("page-size-bytes", PageTables.PAGE_BYTES)
                .with("state", state.word())
                .with("pid", processId)
                .with("partition-table", "0x" + Long.toHexString(partitionTable))
                .with("migration-table", "0x" + Long.toHexString(migrationTable))
                .with("pointer", pointer.word())
                .with("user-mode-only", userModeOnly);
        return endpoint.map(place -> message.with("endpoint", place)).orElse(message);
    }

    public static Attachment of(Message message) {
        if (!message.verb().equals(VERB)) {
            throw new ProtocolException("the first line must be '" + VERB + "', not '" + message.verb() + "'");
        }
        if (message.number("version") != VERSION) {
            throw new ProtocolException("this agent speaks version " + VERSION + " of the attach protocol, not "
                    + message.number("version"));
        }
        if (message.number("page-size-bytes") != PageTables.PAGE_BYTES) {
            throw new ProtocolException(
                    "pages have " + PageTables.PAGE_BYTES + " bytes, not " + message.number("page-size-bytes"));
        }
        return new Attachment(
                message.text("name"),
                message.number("size-bytes"),
                ProgramState.ofWord(message.text("state")),
                message.number("pid"),
                message.number("partition-table"),
                message.number("migration-table"),
                table(message.text("pointer")),
                message.has("user-mode-only") && message.text("user-mode-only").equals("true"),
                message.has("endpoint") ? Optional.of(message.text("endpoint")) : Optional.empty());
    }

    /** The table that a word of the protocol names. */
    public static Table table(String word) {
        for (Table table : Table.values()) {
            if (table.word().equals(word)) return table;
        }
        throw new ProtocolException("not a page table: '" + Message.printable(word) + "'");
    }

    private static void requireMapping(String what, long address, long sizeBytes) {
        boolean aligned = address > 0 && address % PageTables.PAGE_BYTES == 0 && address + sizeBytes > address;
        if (!aligned)
            throw new ProtocolException(what + " is not the address of a mapping: 0x" + Long.toHexString(address));
    }
}
