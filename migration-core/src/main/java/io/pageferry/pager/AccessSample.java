package io.pageferry.pager;

import io.pageferry.page.PageSet;

/**
 * What a program did to its memory during an interval.
 *
 * @param referenced pages read or written
 * @param written pages written, all of them also referenced
 * @param durationNs from the end of the interval's start to the begin of its end
 */
public record AccessSample(PageSet referenced, PageSet written, long durationNs) {}
