package io.pageferry.server.migration;

/** Makes paging spaces for migrations. */
public interface SpaceMaker {
    /**
     * Makes sure that there is a space of this name with room for a partition and its manifest.
     *
     * @param pageCount the partition's pages of 4096 bytes
     * @return a sample of the space's sequence: what is written from now on is newer
     * @throws io.pageferry.server.http.ApiException 409 where there is one of another size, or it cannot be made
     */
    long ensure(String space, long pageCount);

    /** Deletes a space and its lease, whoever is connected; nothing, where there is no such space. */
    void remove(String space);
}
