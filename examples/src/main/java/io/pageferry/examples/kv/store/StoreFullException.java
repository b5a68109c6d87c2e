package io.pageferry.examples.kv.store;

/** The memory has no room for what was to be stored; nothing was changed. */
public final class StoreFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreFullException() {
        // A full store throws one a command: it carries no stack.
        super("the store is full", null, false, false);
    }
}
