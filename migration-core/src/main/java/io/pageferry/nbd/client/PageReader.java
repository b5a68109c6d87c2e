package io.pageferry.nbd.client;

import java.lang.foreign.MemorySegment;

/** Pages in: reads pages of an export by index, neighbours in one request. For one thread. */
public final class PageReader extends PageTransfer {
    private final NbdClient client;

    /** Reads pages of {@code pageSizeBytes} into {@code memory}, and tells {@code listener} of each run. */
    public PageReader(NbdClient client, int pageSizeBytes, PageMemory memory, PageListener listener) {
        super(client, pageSizeBytes, memory, listener);
        this.client = client;
    }

    @Override
    void send(long offset, MemorySegment pages, NbdCompletion completion) {
        client.read(offset, pages, completion);
    }
}
