package io.pageferry.path;

import io.pageferry.nbd.client.NbdException;

/** What both ways share. */
final class PagePaths {
    private PagePaths() {}

    static PagePathException failed(String what, Throwable failure) {
        boolean fenced = failure instanceof NbdException refused && refused.isFenced();
        String reason = fenced ? "the space belongs to another holder now" : String.valueOf(failure.getMessage());
        return new PagePathException(what + " failed: " + reason, fenced, failure);
    }
}
