package io.pageferry.server.directory;

/** Receives runs of neighbouring pages that are all written or all not. */
@FunctionalInterface
public interface RunVisitor {
    /**
     * Takes one run.
     *
     * @param firstPage index of the run's first page
     * @param pageCount how many pages, at least 1
     * @param written whether the pages hold data; if not they are holes and read as zeroes
     */
    void run(long firstPage, long pageCount, boolean written);
}
