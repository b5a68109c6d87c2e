package io.pageferry.pager;

import io.pageferry.page.PageRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A source that knows every page at once, by {@link PagePattern}. */
record PatternSource(long seed) implements PageSource {
    @Override
    public void request(PageRange pages, PageAnswers answers) {
        try (Arena arena = Arena.ofConfined()) {
            answers.content(pages, content(pages, arena));
        }
    }

    MemorySegment content(PageRange pages, Arena arena) {
        MemorySegment content = arena.allocate(pages.pageCount() * PagePattern.PAGE);
        PagePattern.fill(content, pages.firstPage(), seed);
        return content;
    }
}
