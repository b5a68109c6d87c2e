package io.pageferry.server.catalog;

/** Cuts off the writers of a space before somebody else may write it. */
@FunctionalInterface
public interface Fence {
    /**
     * Returns when no write of a connection that was admitted with an epoch below {@code newEpoch} can land any more.
     * Connections admitted without a lease have epoch 0. Called before the change of the lease is committed; if it
     * throws, nothing changes. While it runs {@link Catalog#writerEpoch} admits nobody to the space.
     */
    void fence(String space, long newEpoch);
}
