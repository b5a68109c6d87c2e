package io.pageferry.partition;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A program in partition memory, a process of its own, told what to do by lines on its standard input. Arguments: socket,
 * name, pages, and {@code incoming}, {@code starting}, or {@code incoming-reader}: one that reads a page in its first step.
 */
final class PatternProgram implements Program {
    private static final int FIRST_READ = 5;

    private final boolean readsAtOnce;
    private final CountDownLatch resumed = new CountDownLatch(1);
    private volatile @Nullable PartitionMemory memory;
    private volatile long seed;
    private @Nullable MemorySegment stale;
    private @Nullable PatternReaders readers;
    private @Nullable BusyLoop busy;
    private @Nullable PageTableCalls calls;

    private PatternProgram(boolean readsAtOnce) {
        this.readsAtOnce = readsAtOnce;
    }

    public static void main(String[] arguments) throws Exception {
        PatternProgram program = new PatternProgram(arguments[3].equals("incoming-reader"));
        long sizeBytes = Long.parseLong(arguments[2]) * PatternPages.PAGE;
        PartitionOptions options =
                arguments[3].startsWith("incoming") ? PartitionOptions.waiting() : PartitionOptions.starting();
        Partition.attach(Path.of(arguments[0]), arguments[1], sizeBytes, program, options);
        System.out.println("attached");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(program.command(line.split(" ")));
        }
        System.exit(0);
    }

    @Override
    public void resume(PartitionMemory resumedMemory, byte[] state) {
        seed = state.length == Long.BYTES ? ByteBuffer.wrap(state).getLong() : 0;
        if (readsAtOnce) {
            System.out.println("resuming");
            boolean right = PatternPages.holds(resumedMemory.segment(), FIRST_READ, seed);
            System.out.println(right ? "resumed right" : "resumed wrong");
        }
        memory = resumedMemory;
        resumed.countDown();
    }

    @Override
    public byte[] quiesce() {
        return ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
    }

    @Override
    public void departed() {}

    private PartitionMemory memory() throws InterruptedException {
        resumed.await();
        PartitionMemory now = memory;
        if (now == null) throw new IllegalStateException("not resumed");
        return now;
    }

    private String command(String[] words) throws InterruptedException {
        PartitionMemory pages = memory();
        switch (words[0]) {
            case "litter" -> litter(Integer.parseInt(words[1]));
            case "collections" -> {
                return Long.toString(collections());
            }
            case "read-all" -> readers = PatternReaders.start(pages, seed, Integer.parseInt(words[1]));
            case "progress" -> {
                return Long.toString(readers().pagesRead());
            }
            case "await" -> {
                return readers().await();
            }
            case "hold-pointer" -> stale = pages.segment();
            case "stale-read" -> {
                return Long.toString(stale().get(ValueLayout.JAVA_LONG, at(words[1])));
            }
            case "stale-write" -> stale().set(ValueLayout.JAVA_LONG, at(words[1]), Long.parseLong(words[2]));
            case "read" -> {
                return Long.toString(pages.segment().get(ValueLayout.JAVA_LONG, at(words[1])));
            }
            case "write" -> pages.segment().set(ValueLayout.JAVA_LONG, at(words[1]), Long.parseLong(words[2]));
            case "release" -> pages.release(at(words[1]), (long) PatternPages.PAGE * Long.parseLong(words[2]));
            case "map" -> pages.map(at(words[1]), (long) PatternPages.PAGE * Long.parseLong(words[2]));
            case "busy" -> busy = BusyLoop.start(pages, Integer.parseInt(words[1]));
            case "phase" -> {
                return busy().phase();
            }
            case "calls" ->
                calls = PageTableCalls.start(
                        pages, Long.parseLong(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            case "stop-calls" -> calls().stop();
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
        return "done";
    }

    private static long at(String pageIndex) {
        return Long.parseLong(pageIndex) * PatternPages.PAGE;
    }

    private MemorySegment stale() {
        if (stale == null) throw new IllegalStateException("no pointer held");
        return stale;
    }

    private BusyLoop busy() {
        if (busy == null) throw new IllegalStateException("nobody is busy");
        return busy;
    }

    private PageTableCalls calls() {
        if (calls == null) throw new IllegalStateException("nobody calls");
        return calls;
    }

    private PatternReaders readers() {
        if (readers == null) throw new IllegalStateException("nobody reads");
        return readers;
    }

    /** Keeps the collector busy: threads that allocate without end. */
    private static void litter(int threads) {
        for (int i = 0; i < threads; i++) {
            Thread.ofPlatform().daemon().start(() -> {
                byte[][] kept = new byte[64][];
                for (int round = 0; ; round++) kept[round % kept.length] = new byte[16 << 10];
            });
        }
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }
}
