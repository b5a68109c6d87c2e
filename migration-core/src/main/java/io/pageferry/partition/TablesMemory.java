package io.pageferry.partition;

import io.pageferry.page.PageRange;
import io.pageferry.pagetable.PageTables;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Partition memory as the program sees it: bytes and offsets over the two page tables. */
final class TablesMemory implements PartitionMemory {
    private final PageTables tables;

    TablesMemory(PageTables tables) {
        this.tables = tables;
    }

    @Override
    public MemorySegment segment() {
        return tables.current();
    }

    @Override
    public long sizeBytes() {
        return tables.sizeBytes();
    }

    @Override
    public int pageSizeBytes() {
        return PageTables.PAGE_BYTES;
    }

    @Override
    public void release(long offset, long length) {
        if (length != 0) tables.release(pages(offset, length));
    }

    @Override
    public void map(long offset, long length) {
        if (length != 0) tables.map(pages(offset, length));
    }

    @Override
    public void protect(long offset, long length, Access access) {
        if (length != 0) tables.protect(pages(offset, length), access == Access.READ_ONLY);
    }

    private PageRange pages(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, tables.sizeBytes());
        if (offset % PageTables.PAGE_BYTES != 0 || length % PageTables.PAGE_BYTES != 0) {
            throw new IllegalArgumentException("offset " + offset + " and length " + length
                    + " must be multiples of the page size, " + PageTables.PAGE_BYTES);
        }
        return new PageRange(offset / PageTables.PAGE_BYTES, length / PageTables.PAGE_BYTES);
    }
}
