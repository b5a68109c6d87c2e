package io.pageferry.server.directory;

/** Receives runs of neighbouring pages that are alike in having changed and in being written. */
@FunctionalInterface
public interface ChangedRunVisitor {
    /**
     * Takes one run.
     *
     * @param firstPage index of the run's first page
     * @param pageCount how many pages, at least 1
     * @param changed whether the pages were written or discarded after the sequence number asked for
     * @param written whether the pages hold data; if not they are holes and read as zeroes
     */
    void run(long firstPage, long pageCount, boolean changed, boolean written);
}
