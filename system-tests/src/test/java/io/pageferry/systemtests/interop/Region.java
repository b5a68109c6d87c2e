package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.ExtentFlags;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.client.ByteRange;
import io.pageferry.nbd.client.Extent;
import io.pageferry.nbd.client.ExtentWalk;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdUnflushedWritesException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A part of a space that belongs to one writer, whose random commands it mirrors in a {@link RegionModel}. Its ends lie within
 * pages that the neighbours write as well.
 */
final class Region {
    private static final int PAGE_BYTES = 4096;

    private final long start;
    private final int sizeBytes;
    private final Random random;
    private final RegionModel model;
    private CompletableFuture<?> underWay = CompletableFuture.completedFuture(null);

    Region(long start, int sizeBytes, long seed) {
        this.start = start;
        this.sizeBytes = sizeBytes;
        random = new Random(seed);
        model = new RegionModel(sizeBytes);
    }

    /** One random command. Throws {@link CompletionException} once the server is lost. */
    void step(NbdClient client, Arena arena) {
        int length = 1 + random.nextInt(random.nextInt(16) == 0 ? 256 << 10 : 20_000);
        int at = random.nextInt(sizeBytes - length + 1);
        boolean fua = random.nextInt(10) == 0;
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> write(client, arena, at, length, fua);
            case 5 -> zero(client, at, length, fua);
            case 6 -> trim(client, at, length, fua);
            case 7 -> flush(client, arena);
            case 8 -> checkStatus(client, at, length);
            default -> checkRead(client, arena, at, length);
        }
    }

    private void write(NbdClient client, Arena arena, int at, int length, boolean fua) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        MemorySegment payload = arena.allocate(length).copyFrom(MemorySegment.ofArray(content));
        RegionModel.Change change = model.change(at, content);
        later(client.write(start + at, payload, fua ? CommandFlags.FUA : 0), change, fua);
    }

    private void zero(NbdClient client, int at, int length, boolean fua) {
        int flags = (fua ? CommandFlags.FUA : 0) | (random.nextBoolean() ? CommandFlags.NO_HOLE : 0);
        RegionModel.Change change = model.change(at, new byte[length]);
        later(client.writeZeroes(start + at, length, flags), change, fua);
    }

    /** The whole pages of the range become zeroes, the rest stays as it is: what docs/nbd.md promises. */
    private void trim(NbdClient client, int at, int length, boolean fua) {
        long from = (start + at + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        long end = (start + at + length) / PAGE_BYTES * PAGE_BYTES;
        boolean nothing = from >= end; // within a page
        RegionModel.Change change =
                model.change(nothing ? at : (int) (from - start), new byte[nothing ? 0 : (int) (end - from)]);
        later(client.trim(start + at, length, fua ? CommandFlags.FUA : 0), change, fua);
    }

    private void later(CompletableFuture<?> request, RegionModel.Change change, boolean fua) {
        CompletableFuture<?> noted = fua ? request.thenRun(() -> model.durable(change)) : request;
        underWay = CompletableFuture.allOf(underWay, noted);
    }

    /** Makes durable what was done; what a lost server may have forgotten is written again first, as the client asks. */
    void flush(NbdClient client, Arena arena) {
        underWay.join();
        while (true) {
            try {
                client.flush().join();
                model.flushed();
                return;
            } catch (CompletionException e) {
                if (!(e.getCause() instanceof NbdUnflushedWritesException unflushed)) {
                    throw e;
                }
                unflushed.ranges().forEach(range -> writeAgain(client, arena, range));
            }
        }
    }

    private void writeAgain(NbdClient client, Arena arena, ByteRange range) {
        int at = (int) (range.offset() - start);
        byte[] content = model.current(at, (int) range.lengthBytes());
        MemorySegment payload = arena.allocate(content.length).copyFrom(MemorySegment.ofArray(content));
        client.write(range.offset(), payload, 0).join();
    }

    /** Nothing is under way any more; requests that failed may have been carried out or not. */
    void serverLost() {
        underWay.exceptionally(lost -> null).join();
        underWay = CompletableFuture.completedFuture(null);
    }

    /** A read sees all that completed before it. */
    private void checkRead(NbdClient client, Arena arena, int at, int length) {
        underWay.join();
        assertThat(MemorySegment.ofArray(read(client, arena, at, length))
                        .mismatch(MemorySegment.ofArray(model.current(at, length))))
                .as("first wrong byte of %d at %d", length, start + at)
                .isEqualTo(-1);
    }

    /** What is reported as zeroes is zeroes. */
    private void checkStatus(NbdClient client, int at, int length) {
        underWay.join();
        for (Extent extent : ExtentWalk.extents(client, MetaContexts.BASE_ALLOCATION, start + at, length)
                .join()) {
            if (extent.has(ExtentFlags.ZERO)) {
                assertThat(model.current((int) (extent.offset() - start), (int) extent.lengthBytes()))
                        .as("%s", extent)
                        .containsOnly(0);
            }
        }
    }

    void checkAll(NbdClient client, Arena arena) {
        checkRead(client, arena, 0, sizeBytes);
        checkStatus(client, 0, sizeBytes);
    }

    /** After a crash: every byte is what was last made durable, or what a later command wrote; from now on it is what it is. */
    void checkSurvived(NbdClient client, Arena arena) {
        model.adopt(read(client, arena, 0, sizeBytes), start);
    }

    private byte[] read(NbdClient client, Arena arena, int at, int length) {
        MemorySegment into = arena.allocate(length);
        client.read(start + at, into).join();
        return into.toArray(ValueLayout.JAVA_BYTE);
    }
}
