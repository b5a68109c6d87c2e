package io.pageferry.stream;

import io.pageferry.copy.CopyTuning;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.path.PagePathException;
import io.pageferry.process.Threads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way in from another agent. Pages are received straight into the memory of the program that waits, so a read of them finds
 * them in place; the manifest is received into a file.
 *
 * <p>Invariant: a range is reported as changed after it was received, so who asks first and reads second has what was reported,
 * or is told again. And the source is told that something has arrived once it is in the program's memory or in that file, which both
 * outlive this process ({@link LandedPathIn}).
 */
public final class StreamPathIn extends InPlacePathIn {
    /** Little enough that it is in the cache when its checksums are summed. */
    private static final int BUFFER_BYTES = 256 << 10;

    private final boolean byBuffer = CopyTuning.here().receivesByBuffer();
    private final WaitingMemory memory;
    private final PageSet changed;
    private final PageSet holes;
    /** Of each page as it was received last; written before the page is reported. */
    private final int[] checksums;

    private final List<SocketChannel> channels = new ArrayList<>();
    private final List<Thread> receivers = new ArrayList<>();
    private @Nullable IOException failure;
    private boolean closed;
    private final Consumer<StreamPathIn> onBegin;
    private boolean begun;
    private Runnable onClose = () -> {};

    /**
     * A way in that nothing comes by yet.
     *
     * @param memfd the waiting program's memory
     * @param memory the same, as it is filled
     * @param manifest an empty file, closed with this
     * @param onBegin lets streams in; called when it is first asked what changed, since the memory may be emptied before that
     */
    public StreamPathIn(
            SpaceLayout layout,
            Descriptor memfd,
            WaitingMemory memory,
            ManifestFile manifest,
            Consumer<StreamPathIn> onBegin) {
        super(layout, memfd, manifest);
        this.onBegin = onBegin;
        this.memory = memory;
        long pageCount = layout.pageCount() + layout.manifestBytes() / PAGE;
        this.checksums = new int[Math.toIntExact(layout.pageCount())];
        this.changed = new PageSet(pageCount);
        this.holes = new PageSet(pageCount);
    }

    /** What to do when this is closed. */
    synchronized void onClose(Runnable action) {
        onClose = action;
    }

    /** Receives from a stream until it ends, on a thread of its own. */
    synchronized void receiveFrom(SocketChannel channel) throws IOException {
        if (closed) {
            channel.close();
            return;
        }
        channels.add(channel);
        Thread receiver = Thread.ofPlatform().name("stream-receiver").daemon().unstarted(() -> receiveAll(channel));
        receivers.add(receiver);
        receiver.start();
    }

    private void receiveAll(SocketChannel channel) {
        receiveToTheEnd(channel);
        // A source that is not heard any more is told so: it would wait for a confirmation.
        close(channel);
    }

    private void receiveToTheEnd(SocketChannel channel) {
        ByteBuffer header = ByteBuffer.allocateDirect(StreamFrames.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES, PAGE);
        boolean confirmed = true;
        try {
            while (true) {
                StreamFrames.readFully(channel, header.clear());
                long type = header.getLong(0);
                if (type != StreamFrames.SYNC) confirmed = false;
                receive(channel, buffer, type, header.getLong(8), header.getLong(16));
                if (type == StreamFrames.SYNC) confirmed = true;
            }
        } catch (IOException ended) {
            // Behind a confirmation nothing is missing: so it ends when the source has committed.
            if (!confirmed) fail(ended);
        } catch (StreamException | LinuxException broken) {
            fail(new IOException(broken.getMessage(), broken));
        }
    }

    private synchronized void fail(IOException ended) {
        if (failure == null) failure = ended;
    }

    private void receive(SocketChannel channel, MemorySegment buffer, long type, long offset, long length)
            throws IOException {
        if (type == StreamFrames.SYNC) {
            ByteBuffer done = ByteBuffer.wrap(new byte[1]);
            while (done.hasRemaining()) channel.write(done);
            return;
        }
        requirePages(offset, length);
        if (type == StreamFrames.EXPECT) {
            if (offset < layout.manifestOffset()) memory.gather(offset / PAGE);
            return;
        }
        if (type == StreamFrames.DATA && offset >= layout.manifestOffset()) {
            receiveManifest(channel, buffer, offset - layout.manifestOffset(), length);
        } else if (type == StreamFrames.DATA) {
            receivePages(channel, buffer, offset, length);
        } else if (type == StreamFrames.DISCARD && offset < layout.manifestOffset()) {
            FileCalls.punchHole(memfd, offset, length);
        } else {
            throw new StreamException("a frame of type " + type + " is not known here");
        }
        note(offset / PAGE, length / PAGE, type == StreamFrames.DISCARD);
    }

    // Into a huge page as it comes, or by a buffer that stays in the cache where that measures better. Elsewhere by
    // descriptor, from the same buffer: stores into a fresh mapping would be a fault a page.
    private void receivePages(SocketChannel channel, MemorySegment buffer, long offset, long length)
            throws IOException {
        for (long done = 0; done < length; ) {
            long page = (offset + done) / PAGE;
            long extentEnd = (page / WaitingMemory.EXTENT_PAGES + 1) * WaitingMemory.EXTENT_PAGES * PAGE;
            long portion = Math.min(Math.min(buffer.byteSize(), length - done), extentEnd - offset - done);
            boolean gathered = memory.isGathered(page);
            MemorySegment into =
                    gathered && !byBuffer ? memory.pages(page, portion / PAGE) : buffer.asSlice(0, portion);
            StreamFrames.readFully(channel, into.asByteBuffer());
            noteChecksums(page, into);
            if (!gathered) put(offset + done, into);
            else if (byBuffer) CopyTuning.here().copy(into, memory.pages(page, portion / PAGE));
            done += portion;
        }
    }

    private void receiveManifest(SocketChannel channel, MemorySegment buffer, long offset, long length)
            throws IOException {
        for (long done = 0; done < length; ) {
            MemorySegment portion = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
            StreamFrames.readFully(channel, portion.asByteBuffer());
            manifest.put(offset + done, portion);
            done += portion.byteSize();
        }
    }

    private void noteChecksums(long firstPage, MemorySegment content) {
        for (long at = 0; at < content.byteSize(); at += PAGE) {
            checksums[(int) (firstPage + at / PAGE)] = Checksums.crc32c(content.asSlice(at, PAGE));
        }
    }

    private void put(long offset, MemorySegment content) {
        for (long put = 0; put < content.byteSize(); ) {
            put += FileCalls.writeAt(memfd, content.asSlice(put), offset + put);
        }
    }

    private void requirePages(long offset, long length) {
        boolean whole = offset >= 0 && length > 0 && offset % PAGE == 0 && length % PAGE == 0;
        long boundary = layout.manifestOffset();
        if (whole && offset < boundary && length <= boundary - offset) return;
        if (whole && offset >= boundary && length <= layout.manifestBytes() - (offset - boundary)) return;
        throw new StreamException(
                "offset " + offset + ", length " + length + " is no range of pages of this partition");
    }

    private synchronized void note(long firstPage, long pageCount, boolean hole) {
        changed.addRange(firstPage, pageCount);
        if (hole) holes.addRange(firstPage, pageCount);
        else holes.removeRange(firstPage, pageCount);
    }

    @Override
    public int checksumInPlace(long pageIndex) {
        return checksums[(int) pageIndex];
    }

    @Override
    public synchronized void changed(Changed visitor) {
        if (!begun) onBegin.accept(this);
        begun = true;
        changed.forEachRange((first, count) -> {
            for (long page = first; page < first + count; ) {
                boolean hole = holes.contains(page);
                long end = Math.min(first + count, hole ? holes.nextAbsent(page) : holes.nextPresent(page));
                visitor.range(page * PAGE, (end - page) * PAGE, hole);
                page = end;
            }
        });
        changed.clear();
        if (failure != null && !closed) {
            throw new PagePathException(
                    "the stream from the source has ended: " + failure.getMessage(), false, failure);
        }
    }

    @Override
    public void close() {
        List<Thread> ending;
        synchronized (this) {
            closed = true;
            onClose.run();
            ending = List.copyOf(receivers);
            channels.forEach(StreamPathIn::close);
        }
        // Their channels are closed: they end at once, and until then one may be inside of what is closed next.
        ending.forEach(Threads::awaitEnd);
        manifest.close();
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new StreamException("a stream could not be closed", failure);
        }
    }
}
