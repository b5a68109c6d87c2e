package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.nbd.ExtentFlags;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.OptionReply;
import io.pageferry.nbd.client.Extent;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdRefusedException;
import io.pageferry.nbd.client.NbdUri;
import io.pageferry.page.PageSet;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ChangesSinceTest {
    private static final int PAGES = 2000;
    private static final int PAGE = PagingSpace.PAGE_BYTES;

    @Test
    void aConnectionThatBeginsAtASampleIsToldOfWhatWasWrittenAfterItAndOfNothingElse() throws Exception {
        Random random = TestSeed.random(ChangesSinceTest.class);
        try (ServedPool served = ServedPool.inMemory();
                Arena arena = Arena.ofShared()) {
            PagingSpace space = served.create("since", (long) PAGES * PAGE);
            try (NbdClient writer = connect(served, "since")) {
                write(writer, arena, random, new PageSet(PAGES));
                long sample = space.directory().sequence();
                PageSet written = new PageSet(PAGES);
                write(writer, arena, random, written);
                try (NbdClient reader = connect(served, "since;since=" + sample)) {
                    assertThat(changed(reader)).isEqualTo(written);
                    assertThat(changed(reader)).isEqualTo(new PageSet(PAGES));
                }
            }
        }
    }

    @Test
    void anExportOfAnotherServerIsRefused() throws Exception {
        try (ServedPool served = ServedPool.inMemory()) {
            served.create("vm", PAGE);
            connect(served, "vm;server=" + served.identity).close();
            UUID other = UUID.randomUUID();
            assertThatThrownBy(() -> connect(served, "vm;server=" + other))
                    .isInstanceOfSatisfying(
                            NbdRefusedException.class,
                            refused -> assertThat(refused.reply()).isEqualTo(OptionReply.ERR_UNKNOWN))
                    .hasMessageContaining("this is paging server " + served.identity + ", and not " + other);
        }
    }

    private static NbdClient connect(ServedPool served, String export) throws Exception {
        NbdUri uri = NbdUri.tcp(served.address.getHostString(), served.address.getPort(), export);
        return NbdClient.connect(uri, NbdClientOptions.DEFAULT);
    }

    private static void write(NbdClient writer, Arena arena, Random random, PageSet written) throws IOException {
        for (int i = 0; i < 100; i++) {
            int page = random.nextInt(PAGES);
            writer.write((long) page * PAGE, arena.allocate(PAGE), 0).join();
            written.add(page);
        }
    }

    private static PageSet changed(NbdClient reader) {
        PageSet changed = new PageSet(PAGES);
        for (Extent extent :
                reader.blockStatus(0, (long) PAGES * PAGE, 0).join().extents(MetaContexts.WRITTEN_SINCE)) {
            if (extent.has(ExtentFlags.CHANGED)) {
                changed.addRange(extent.offset() / PAGE, (extent.end() - extent.offset()) / PAGE);
            }
        }
        return changed;
    }
}
