package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import io.pageferry.partition.Partition;
import io.pageferry.partition.PartitionMemory;
import io.pageferry.partition.Program;
import io.pageferry.path.PagePathOut;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Pages of a real program's memory, sent to a space that is a piece of memory. */
class PageOutTest {
    private static final int PAGE = SpaceLayout.PAGE_BYTES;
    private static final int PAGES = 2 * 512 + 65;
    private static final Random RANDOM = TestSeed.random(PageOutTest.class);

    /** What a page holds. */
    private enum Content {
        HOLE,
        ZEROES,
        /** But for one byte. */
        ALMOST_ZEROES,
        RANDOM
    }

    @TempDir
    private Path folder;

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    @RepeatedTest(10)
    void everyPageGoesOutAsWhatItHolds() throws Exception {
        CompletableFuture<AttachedPartition> attached = new CompletableFuture<>();
        Resumed program = new Resumed();
        try (AttachServer server = new AttachServer(folder.resolve("agent"), attached::complete);
                Arena arena = Arena.ofConfined();
                Manifest manifest = new Manifest(new SpaceLayout(PAGES))) {
            server.start();
            try (Partition _ = Partition.attach(folder.resolve("agent"), "p", (long) PAGES * PAGE, program)) {
                AttachedPartition partition = attached.get(30, TimeUnit.SECONDS);
                partition.resume(Table.PARTITION, new byte[0]);
                Content[] contents =
                        fill(program.memory.get(30, TimeUnit.SECONDS).segment());
                partition.records().setAll(new PageRange(0, PAGES), PageRecords.PUNCHED);
                Space space = new Space(arena.allocate((long) PAGES * PAGE, PAGE));
                Progress progress = new Progress();

                PageSet all = new PageSet(PAGES);
                all.addRange(0, PAGES);
                new PageOut(partition, manifest, space, new PageSet(PAGES), progress).send(all);

                for (int page = 0; page < PAGES; page++) check(page, contents[page], partition, manifest, space);
                assertThat(progress.get("normal")).isEqualTo(space.written.size());
            }
        }
    }

    /** By stretches of all lengths, so that runs end anywhere; the first extent without a hole, since those go another way. */
    private static Content[] fill(MemorySegment memory) {
        Content[] contents = new Content[PAGES];
        for (int page = 0; page < PAGES; ) {
            boolean mayBeHole = page >= 512;
            Content content = Content.values()[RANDOM.nextInt(mayBeHole ? 0 : 1, Content.values().length)];
            int end = Math.min(PAGES, page + 1 + RANDOM.nextInt(RANDOM.nextBoolean() ? 3 : 150));
            for (; page < end; page++) {
                contents[page] = content;
                fill(memory.asSlice((long) page * PAGE, PAGE), content);
            }
        }
        return contents;
    }

    private static void fill(MemorySegment page, Content content) {
        switch (content) {
            case HOLE -> {}
            case ZEROES -> page.fill((byte) 0);
            case ALMOST_ZEROES -> {
                int at = switch (RANDOM.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> 7;
                    case 2 -> PAGE - 1;
                    default -> RANDOM.nextInt(PAGE);
                };
                page.set(ValueLayout.JAVA_BYTE, at, (byte) (1 << RANDOM.nextInt(8)));
            }
            case RANDOM -> {
                byte[] bytes = new byte[PAGE];
                RANDOM.nextBytes(bytes);
                page.copyFrom(MemorySegment.ofArray(bytes));
            }
        }
    }

    private static void check(int page, Content content, AttachedPartition partition, Manifest manifest, Space space) {
        MemorySegment sent = space.memory.asSlice((long) page * PAGE, PAGE);
        MemorySegment held = partition.mapping().segment().asSlice((long) page * PAGE, PAGE);
        PageState expected = switch (content) {
            case HOLE -> PageState.HOLE;
            case ZEROES -> PageState.ZERO;
            case ALMOST_ZEROES, RANDOM -> PageState.DATA;
        };
        assertThat(manifest.state(page)).as("page %d: %s", page, content).isEqualTo(expected);
        assertThat(space.written.contains(page)).isEqualTo(expected == PageState.DATA);
        if (content != Content.HOLE) {
            assertThat(partition.records().has(page, PageRecords.PUNCHED)).isFalse();
            assertThat(sent.mismatch(held)).as("page %d: %s", page, content).isEqualTo(-1);
        }
        if (expected == PageState.DATA) assertThat(manifest.checksum(page)).isEqualTo(Checksums.crc32c(held));
    }

    private static final class Resumed implements Program {
        final CompletableFuture<PartitionMemory> memory = new CompletableFuture<>();

        @Override
        public void resume(PartitionMemory resumed, byte[] with) {
            memory.complete(resumed);
        }

        @Override
        public byte[] quiesce() {
            return new byte[0];
        }

        @Override
        public void departed() {}
    }

    /** A space that takes all at once, and notes what it was given. */
    private static final class Space implements PagePathOut {
        final MemorySegment memory;
        final PageSet written = new PageSet(PAGES);

        Space(MemorySegment memory) {
            this.memory = memory;
        }

        @Override
        public void write(long offset, MemorySegment from) {
            memory.asSlice(offset, from.byteSize()).copyFrom(from);
            written.addRange(offset / PAGE, from.byteSize() / PAGE);
        }

        @Override
        public void discard(long offset, long length) {
            throw new AssertionError("nothing was sent before");
        }

        @Override
        public void await() {}

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
