package io.pageferry.examples.kv.store;

/** Is shown records, each by its offset in bytes. It must not change the store. */
@FunctionalInterface
public interface RecordVisitor {
    void visit(long record);
}
