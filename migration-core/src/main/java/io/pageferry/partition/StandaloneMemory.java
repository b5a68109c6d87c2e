package io.pageferry.partition;

import io.pageferry.pagetable.PageTables;

/**
 * Partition memory without an agent: for a program that can also run by itself, or that rehearses what it will do in its
 * partition. It is the very memory that a partition has, so that code which was compiled for the one serves the other.
 */
public final class StandaloneMemory implements AutoCloseable {
    private final PageTables tables;
    private final PartitionMemory memory;

    private StandaloneMemory(PageTables tables) {
        this.tables = tables;
        this.memory = new TablesMemory(tables);
    }

    /** Creates memory, all of it zeroes. @throws IllegalArgumentException if the size is not a positive multiple of the page size */
    public static StandaloneMemory create(String name, long sizeBytes) {
        return new StandaloneMemory(PageTables.create(name, sizeBytes));
    }

    public PartitionMemory memory() {
        return memory;
    }

    /** Gives all pages back. The mapping stays until the process ends, since threads may still hold it. */
    @Override
    public void close() {
        tables.empty();
        tables.close();
    }
}
