package io.pageferry.pager;

import io.pageferry.page.PageRange;

/** Where the content of missing pages comes from: memory, a mapped file, a paging device over the network. */
@FunctionalInterface
public interface PageSource {
    /**
     * Asks for pages that threads wait for: the urgent lane. Does not wait for the content unless it is at hand; the answers
     * may come during the call, or later on any thread, in any order and cut into any parts. A page that is neither answered
     * nor failed is waited for without end, so a source has time limits of its own. An exception thrown here fails the pages.
     */
    void request(PageRange pages, PageAnswers answers);
}
