package io.pageferry.examples.kv;

/** How many bytes all connections together may hold in buffers of one kind. Only the event loop uses it. */
final class BufferBudget {
    private final long maxBytes;
    private long heldBytes;

    BufferBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void add(long bytes) {
        heldBytes += bytes;
    }

    boolean isExceeded() {
        return heldBytes > maxBytes;
    }

    long heldBytes() {
        return heldBytes;
    }
}
