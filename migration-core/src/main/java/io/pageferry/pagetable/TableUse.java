package io.pageferry.pagetable;

/** What the migration table, the second of the partition's page tables, is in use for. */
public enum TableUse {
    /** It holds no entry that counts: memory may begin to arrive through it. */
    FREE,
    /** The pointer is at it: memory is arriving. */
    ARRIVING,
    /** The pointer has moved to the partition table, and some of its entries are to be invalidated still. */
    STALE
}
