package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PageTransferTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 20_000;

    @TempDir
    private Path folder;

    @Test
    void neighboursShareARequestAndEveryPageArrivesAtItsPlace() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "memory", "128M");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            MemorySegment out = arena.allocate((long) PAGES * PAGE);
            for (int page = 0; page < PAGES; page++) {
                out.set(ValueLayout.JAVA_LONG, (long) page * PAGE, page + 1);
            }
            PageWriter writer = new PageWriter(client, PAGE, PageMemory.whole(out, PAGE), PageListener.NONE);
            writer.pages(0, PAGES);
            writer.finish().join();
            assertThat(writer.requestCount())
                    .as("80 MB in requests of up to 32 MiB")
                    .isEqualTo(3);

            MemorySegment in = arena.allocate((long) PAGES * PAGE);
            ConcurrentSkipListMap<Long, Long> runs = new ConcurrentSkipListMap<>();
            PageReader reader =
                    new PageReader(client, PAGE, PageMemory.whole(in, PAGE), (first, count, memory, failure) -> {
                        assertThat(memory.byteSize()).isEqualTo(count * PAGE);
                        runs.put(first, count);
                    });
            reader.pages(100, 20);
            reader.page(120);
            reader.page(122);
            reader.page(121);
            reader.page(122);
            reader.finish().join();
            assertThat(runs).containsEntry(100L, 21L).containsEntry(122L, 1L).containsEntry(121L, 2L);
            reader.pages(0, PAGES);
            reader.finish().join();
            assertThat(in.mismatch(out)).isEqualTo(-1);
        }
    }

    @Test
    void theWholeFailsWithTheFirstFailureButEachRunIsTold() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(
                        folder, "--filter=error", "memory", "8M", "error-pread=EIO", "error-pread-rate=100%");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            AtomicInteger failures = new AtomicInteger();
            PageReader reader = new PageReader(
                    client,
                    PAGE,
                    PageMemory.whole(arena.allocate(PAGE * 10), PAGE),
                    (first, count, memory, failure) -> failures.addAndGet(failure == null ? 0 : 1));
            reader.page(1);
            reader.page(3);
            assertThatThrownBy(() -> reader.finish().join()).hasCauseInstanceOf(NbdException.class);
            assertThat(failures).hasValue(2);
        }
    }

    @Test
    void anUrgentReadOvertakesBulkThatFillsTheServer() throws Exception {
        try (NbdPeer peer =
                        NbdPeer.nbdkit(folder, "--threads=4", "--filter=delay", "memory", "128M", "delay-write=100ms");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT.withInFlight(2000, 1 << 30));
                Arena arena = Arena.ofShared()) {
            MemorySegment out = arena.allocate(200L * PAGE);
            AtomicInteger left = new AtomicInteger(100);
            for (int page = 0; page < 200; page += 2) {
                client.write((long) page * PAGE, out.asSlice((long) page * PAGE, PAGE), 0, f -> left.decrementAndGet());
            }
            FutureCompletion urgent = new FutureCompletion();
            client.readUrgent(0, arena.allocate(PAGE), urgent);
            urgent.join();
            assertThat(left.get()).as("bulk still under way").isPositive();
        }
    }
}
