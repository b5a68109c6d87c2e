package io.pageferry.stream;

import io.pageferry.linux.Descriptor;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WaitingMemory;
import java.util.function.BooleanSupplier;

/**
 * The way in of what had come by streams to an agent that has died: pages in the memory of the program that waits, the manifest in its
 * file. Nothing more comes this way.
 *
 * <p>Invariant: a source asks for the commit only once it was told that everything has arrived, and what it was told of is in memory and
 * file; so from the commit on, and not before, all of the partition is here. Of the dead agent's sums of what it received nothing is
 * believed: each page is summed again.
 */
public final class LandedPathIn extends InPlacePathIn {
    private final WaitingMemory memory;
    private final BooleanSupplier isCommitted;
    private boolean told;

    /**
     * @param memfd the waiting program's memory, as the dead agent left it
     * @param memory the same
     * @param manifest closed with this
     * @param isCommitted whether the partition is this agent's by now
     */
    public LandedPathIn(
            SpaceLayout layout,
            Descriptor memfd,
            WaitingMemory memory,
            ManifestFile manifest,
            BooleanSupplier isCommitted) {
        super(layout, memfd, manifest);
        this.memory = memory;
        this.isCommitted = isCommitted;
    }

    @Override
    public int checksumInPlace(long pageIndex) {
        return Checksums.crc32c(memory.pages(pageIndex, 1));
    }

    /** Tells of everything, once, as soon as that is known to be here. */
    @Override
    public synchronized void changed(Changed visitor) {
        if (told || !isCommitted.getAsBoolean()) return;
        told = true;
        PageSet pages = pagesByManifest();
        PageSet resident = memory.resident();
        PageSet absent = pages.copy();
        absent.removeAll(resident);
        if (!absent.isEmpty()) {
            throw new StreamException(absent.size() + " of " + pages.size()
                    + " pages that had come by streams are not in the program's memory: is it another program?");
        }
        // Also of what the manifest does not name: it may have been sent when it had content.
        resident.forEachRange((first, count) -> visitor.range(first * PAGE, count * PAGE, false));
        visitor.range(layout.manifestOffset(), layout.manifestBytes(), false);
    }

    private PageSet pagesByManifest() {
        try (Manifest all = new Manifest(layout)) {
            Throwable failure = failureOf(layout.manifestOffset(), all.bytes());
            if (failure != null) {
                throw new StreamException("the manifest of what came by streams cannot be read", failure);
            }
            byte[] states = all.states();
            PageSet pages = new PageSet(layout.pageCount());
            for (int page = 0; page < states.length; page++) {
                if (Manifest.isData(states[page])) pages.add(page);
            }
            return pages;
        }
    }

    @Override
    public void close() {
        manifest.close();
    }
}
