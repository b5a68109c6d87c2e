package io.pageferry.partition;

import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramState;
import io.pageferry.page.PageRange;
import io.pageferry.pager.FaultListener;
import io.pageferry.pager.FaultServer;
import io.pageferry.pager.FaultWait;
import io.pageferry.pager.PageFiller;
import io.pageferry.pager.ResidentPages;
import io.pageferry.pager.RetryPolicy;
import io.pageferry.pager.ServedMapping;
import io.pageferry.pagetable.Table;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An agent for tests: serves the missing pages of the programs that attach with content made up from a seed. */
final class PatternAgent implements AutoCloseable {
    /** One program and its fault server. */
    record Hosted(AttachedPartition partition, ResidentPages resident, FaultServer faults) {
        /** Fills what is missing in the background, as a migration does. */
        void fillAll(long seed) {
            PageFiller filler = faults.filler();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment content = arena.allocate(64L * PatternPages.PAGE, PatternPages.PAGE);
                resident.missing().forEachRange((first, count) -> {
                    for (long page = first; page < first + count; page += 64) {
                        long pages = Math.min(64, first + count - page);
                        PatternPages.fill(content, page, pages, seed);
                        filler.fill(new PageRange(page, pages), content.asSlice(0, pages * PatternPages.PAGE));
                    }
                });
            }
        }
    }

    private static final FaultListener LISTENER = new FaultListener() {
        @Override
        public void stuck(PageRange pages, Throwable cause) {
            throw new IllegalStateException("stuck: " + pages, cause);
        }

        @Override
        public void programGone() {}
    };

    private final AttachServer server;
    private final BlockingQueue<Hosted> attached = new LinkedBlockingQueue<>();
    private final long seed;
    private final long answers;
    private final Runnable onLast;

    private PatternAgent(Path socket, long seed, long answers, Runnable onLast) {
        this.seed = seed;
        this.answers = answers;
        this.onLast = onLast;
        this.server = new AttachServer(socket, this::host);
    }

    static PatternAgent start(Path socket, long seed) {
        return start(socket, seed, Long.MAX_VALUE, () -> {});
    }

    /** One that answers so many pages and then no more. */
    static PatternAgent start(Path socket, long seed, long answers, Runnable onLast) {
        PatternAgent agent = new PatternAgent(socket, seed, answers, onLast);
        agent.server.start();
        return agent;
    }

    private void host(AttachedPartition partition) {
        ServedMapping mapping =
                new ServedMapping(partition.userfaultfd(), partition.address(Table.MIGRATION), partition.pageCount());
        ResidentPages resident = ResidentPages.of(partition.memory(), partition.pageCount());
        PatternSource source = new PatternSource(partition, seed, answers, onLast);
        FaultServer faults =
                FaultServer.start(mapping, resident, source, RetryPolicy.DEFAULT, FaultWait.SPIN, LISTENER);
        Hosted hosted = new Hosted(partition, resident, faults);
        var _ = partition.gone().thenRun(() -> {
            faults.close();
            partition.close();
        });
        attached.add(hosted);
    }

    /** The next program that attaches; a waiting one is started on its migration table with the seed as its state. */
    Hosted nextProgram() {
        try {
            Hosted hosted = attached.poll(60, TimeUnit.SECONDS);
            if (hosted == null) throw new IllegalStateException("nobody attached within a minute");
            if (hosted.partition.attachment().state() == ProgramState.INCOMING) {
                byte[] state = ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
                hosted.partition.resume(Table.MIGRATION, state);
            }
            return hosted;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    AttachServer server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
    }
}
