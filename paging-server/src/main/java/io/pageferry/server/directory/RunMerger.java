package io.pageferry.server.directory;

/** Joins neighbouring runs that are alike into maximal ones before they reach the visitor. */
final class RunMerger {
    private final ChangedRunVisitor visitor;
    private long firstPage;
    private long pageCount;
    private boolean changed;
    private boolean written;

    RunMerger(ChangedRunVisitor visitor) {
        this.visitor = visitor;
    }

    /** Takes the next run; each begins where the one before ended. */
    void add(long first, long count, boolean runChanged, boolean runWritten) {
        if (pageCount > 0 && runChanged == changed && runWritten == written) {
            pageCount += count;
            return;
        }
        finish();
        firstPage = first;
        pageCount = count;
        changed = runChanged;
        written = runWritten;
    }

    void finish() {
        if (pageCount > 0) {
            visitor.run(firstPage, pageCount, changed, written);
            pageCount = 0;
        }
    }
}
