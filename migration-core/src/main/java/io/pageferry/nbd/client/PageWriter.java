package io.pageferry.nbd.client;

import java.lang.foreign.MemorySegment;

/** Pages out: writes pages of an export by index, neighbours in one request. For one thread. */
public final class PageWriter extends PageTransfer {
    private final NbdClient client;

    /** Writes pages of {@code pageSizeBytes} from {@code memory}, and tells {@code listener} of each run. */
    public PageWriter(NbdClient client, int pageSizeBytes, PageMemory memory, PageListener listener) {
        super(client, pageSizeBytes, memory, listener);
        this.client = client;
    }

    @Override
    void send(long offset, MemorySegment pages, NbdCompletion completion) {
        client.write(offset, pages, 0, completion);
    }
}
