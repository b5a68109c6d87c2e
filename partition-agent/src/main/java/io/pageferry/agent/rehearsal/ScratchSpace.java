package io.pageferry.agent.rehearsal;

import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathIn;
import io.pageferry.path.PagePathOut;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A paging space in this process's memory, with the paths to it. Thread-safe. */
final class ScratchSpace {
    private final MemorySegment bytes;
    private final PageSet changed;

    ScratchSpace(SpaceLayout layout, Arena arena) {
        this.bytes = arena.allocate(SpaceLayout.sizeBytes(layout.pageCount()), SpaceLayout.PAGE_BYTES);
        this.changed = new PageSet(SpaceLayout.sizeBytes(layout.pageCount()) / SpaceLayout.PAGE_BYTES);
    }

    PagePathOut out() {
        return new Out();
    }

    PagePathIn in() {
        return new In();
    }

    private synchronized void write(long offset, MemorySegment from) {
        MemorySegment.copy(from, 0, bytes, offset, from.byteSize());
        changed.addRange(offset / SpaceLayout.PAGE_BYTES, from.byteSize() / SpaceLayout.PAGE_BYTES);
    }

    private synchronized void read(long offset, MemorySegment into) {
        MemorySegment.copy(bytes, offset, into, 0, into.byteSize());
    }

    private synchronized PageSet takeChanged() {
        PageSet taken = changed.copy();
        changed.clear();
        return taken;
    }

    private final class Out implements PagePathOut {
        @Override
        public void write(long offset, MemorySegment from) {
            ScratchSpace.this.write(offset, from);
        }

        @Override
        public void discard(long offset, long length) {
            synchronized (ScratchSpace.this) {
                bytes.asSlice(offset, length).fill((byte) 0);
            }
        }

        @Override
        public void await() {}

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private final class In implements PagePathIn {
        @Override
        public void read(long offset, MemorySegment into, Done done) {
            ScratchSpace.this.read(offset, into);
            done.done(null);
        }

        @Override
        public void readUrgent(long offset, MemorySegment into, Done done) {
            read(offset, into, done);
        }

        @Override
        public void changed(Changed visitor) {
            takeChanged()
                    .forEachRange((first, count) ->
                            visitor.range(first * SpaceLayout.PAGE_BYTES, count * SpaceLayout.PAGE_BYTES, false));
        }

        @Override
        public void close() {}
    }
}
