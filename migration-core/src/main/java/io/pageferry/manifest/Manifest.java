package io.pageferry.manifest;

import io.pageferry.linux.Mapping;
import io.pageferry.page.PageSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A manifest in native memory, laid out as in the space ({@link SpaceLayout}), so that any part of it is written and read as
 * it is: 6 bytes a page, 1.5 MiB a GiB. Remembers which of its own 4096-byte pages changed since they were written.
 *
 * <p>Invariant: the header is sealed and written after everything it covers, so a header that matches its checksums vouches
 * for planes and state. Not thread-safe.
 */
public final class Manifest implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Times a byte: that byte of each of eight pages. */
    private static final long EACH = 0x0101_0101_0101_0101L;

    private final SpaceLayout layout;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;
    private final PageSet changed;

    /** An empty manifest: all pages are holes. */
    public Manifest(SpaceLayout layout) {
        this.layout = layout;
        this.bytes = Mapping.anonymous(layout.manifestBytes(), arena).segment();
        this.changed = new PageSet(layout.manifestBytes() / SpaceLayout.PAGE_BYTES);
        // The space may hold another manifest: all of this one is news to it, zeroes included.
        changed.addRange(0, changed.pageCount());
    }

    public SpaceLayout layout() {
        return layout;
    }

    /** The whole manifest, to be written to the space or read from it. */
    public MemorySegment bytes() {
        return bytes;
    }

    public PageState state(long pageIndex) {
        return PageState.ofByte(bytes.get(ValueLayout.JAVA_BYTE, layout.statePlane() + pageIndex));
    }

    /** A copy of the state plane: of each page its state, to be asked for by {@link #isData}. */
    public byte[] states() {
        return bytes.asSlice(layout.statePlane(), layout.pageCount()).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The pages whose content is not in the space: most of eight at a time, since most have some. */
    public PageSet withoutData() {
        PageSet pages = new PageSet(layout.pageCount());
        long together = layout.pageCount() / Long.BYTES * Long.BYTES;
        for (long first = 0; first < together; first += Long.BYTES) {
            long states = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, layout.statePlane() + first);
            if ((states & EACH * PageState.STATE_MASK) != EACH * PageState.DATA.code())
                addWithoutData(pages, first, first + Long.BYTES);
        }
        addWithoutData(pages, together, layout.pageCount());
        return pages;
    }

    private void addWithoutData(PageSet pages, long first, long end) {
        for (long page = first; page < end; page++) {
            if (!isData(bytes.get(ValueLayout.JAVA_BYTE, layout.statePlane() + page))) pages.add(page);
        }
    }

    /** A copy of the checksum plane. */
    public int[] checksums() {
        return bytes.asSlice(layout.checksumPlane(), layout.pageCount() * Integer.BYTES)
                .toArray(INT);
    }

    /** Whether a byte of the state plane says that the page's content is in the space. */
    public static boolean isData(byte state) {
        return (state & PageState.STATE_MASK) == PageState.DATA.code();
    }

    public boolean isReadOnly(long pageIndex) {
        return (bytes.get(ValueLayout.JAVA_BYTE, layout.statePlane() + pageIndex) & PageState.READ_ONLY_BIT) != 0;
    }

    /** Whether a byte of the state plane says that the page's content and its checksum need not match yet. */
    public static boolean isUnsettled(byte state) {
        return (state & PageState.UNSETTLED_BIT) != 0;
    }

    /** Says that what the space holds of the page need not match its checksum, until the page's state is set again. */
    public void setUnsettled(long pageIndex) {
        long at = layout.statePlane() + pageIndex;
        setByte(at, (byte) (bytes.get(ValueLayout.JAVA_BYTE, at) | PageState.UNSETTLED_BIT));
    }

    public void setState(long pageIndex, PageState state, boolean readOnly) {
        setByte(layout.statePlane() + pageIndex, (byte) (state.code() | (readOnly ? PageState.READ_ONLY_BIT : 0)));
    }

    /** How often the page is used, from 0 to 15 in bits 0-3, and how often it is written, in bits 4-7. */
    public int heat(long pageIndex) {
        return bytes.get(ValueLayout.JAVA_BYTE, layout.heatPlane() + pageIndex) & 0xff;
    }

    /** A copy of the heat plane: what {@link #heat} says of each page. */
    public byte[] heats() {
        return bytes.asSlice(layout.heatPlane(), layout.pageCount()).toArray(ValueLayout.JAVA_BYTE);
    }

    /**
     * Sets the heat plane.
     *
     * @param levels of each page what {@link #heat} is to say
     */
    public void setHeats(byte[] levels) {
        for (int page = 0; page < levels.length; page++) setByte(layout.heatPlane() + page, levels[page]);
    }

    /** The CRC32C of a page that is {@link PageState#DATA}. */
    public int checksum(long pageIndex) {
        return bytes.get(INT, layout.checksumPlane() + pageIndex * Integer.BYTES);
    }

    public void setChecksum(long pageIndex, int crc32c) {
        long at = layout.checksumPlane() + pageIndex * Integer.BYTES;
        if (bytes.get(INT, at) == crc32c) return;
        bytes.set(INT, at, crc32c);
        changed.add(at / SpaceLayout.PAGE_BYTES);
    }

    /** Puts the execution state in and makes the header vouch for everything. */
    public void seal(String partition, long generation, byte[] executionState) {
        if (executionState.length > SpaceLayout.STATE_AREA_BYTES) {
            throw new ManifestException("an execution state of " + executionState.length + " bytes is too long");
        }
        MemorySegment area = bytes.asSlice(layout.stateArea(), SpaceLayout.STATE_AREA_BYTES);
        MemorySegment.copy(executionState, 0, area, ValueLayout.JAVA_BYTE, 0, executionState.length);
        changed.addRange(1, (executionState.length + SpaceLayout.PAGE_BYTES - 1) / SpaceLayout.PAGE_BYTES);
        new ManifestHeader(
                        partition,
                        layout.pageCount(),
                        generation,
                        executionState.length,
                        Checksums.crc32c(area.asSlice(0, executionState.length)),
                        planeChecksum(layout.statePlane(), layout.pageCount()),
                        planeChecksum(layout.heatPlane(), layout.pageCount()),
                        planeChecksum(layout.checksumPlane(), layout.pageCount() * Integer.BYTES))
                .write(bytes.asSlice(0, SpaceLayout.PAGE_BYTES));
        changed.add(0);
    }

    /**
     * Checks what was read from a space.
     *
     * @throws ManifestException if it is no manifest, of another partition or size, or does not match its checksums
     */
    public ManifestHeader verify(String partition) {
        ManifestHeader header = verifyHeader(partition);
        boolean matches = header.stateBytes() >= 0
                && header.stateBytes() <= SpaceLayout.STATE_AREA_BYTES
                && header.stateChecksum() == Checksums.crc32c(bytes.asSlice(layout.stateArea(), header.stateBytes()))
                && header.statePlaneChecksum() == planeChecksum(layout.statePlane(), layout.pageCount())
                && header.heatPlaneChecksum() == planeChecksum(layout.heatPlane(), layout.pageCount())
                && header.checksumPlaneChecksum()
                        == planeChecksum(layout.checksumPlane(), layout.pageCount() * Integer.BYTES);
        if (!matches) throw new ManifestException("the manifest of " + partition + " does not match its checksums");
        return header;
    }

    /**
     * Checks whose manifest it is, and not what its header says of the rest.
     *
     * @throws ManifestException if it is no manifest, or of another partition or size
     */
    public ManifestHeader verifyHeader(String partition) {
        ManifestHeader header = ManifestHeader.read(bytes.asSlice(0, SpaceLayout.PAGE_BYTES));
        if (!header.partition().equals(partition) || header.pageCount() != layout.pageCount()) {
            throw new ManifestException("the manifest is of partition " + header.partition() + " with "
                    + header.pageCount() + " pages, not of " + partition + " with " + layout.pageCount());
        }
        return header;
    }

    /** The execution state that a verified header vouches for. */
    public byte[] executionState(ManifestHeader header) {
        return bytes.asSlice(layout.stateArea(), header.stateBytes()).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The manifest's own pages that changed since the last call, as indexes from its begin. */
    public PageSet takeChanged() {
        PageSet taken = changed.copy();
        changed.clear();
        return taken;
    }

    @Override
    public void close() {
        arena.close();
    }

    private void setByte(long at, byte value) {
        if (bytes.get(ValueLayout.JAVA_BYTE, at) == value) return;
        bytes.set(ValueLayout.JAVA_BYTE, at, value);
        changed.add(at / SpaceLayout.PAGE_BYTES);
    }

    // A CRC32C takes at most 2 GiB at once: planes of larger partitions are checked in parts, each part's value in
    // turn.
    private int planeChecksum(long offset, long length) {
        long part = 1 << 30;
        int checksum = 0;
        for (long at = 0; at < length; at += part) {
            checksum = checksum * 31 + Checksums.crc32c(bytes.asSlice(offset + at, Math.min(part, length - at)));
        }
        return checksum;
    }
}
