package io.pageferry.partition;

/** What a program means to do with pages; the order of a migration follows it. */
public enum Access {
    READ_ONLY,
    READ_WRITE
}
