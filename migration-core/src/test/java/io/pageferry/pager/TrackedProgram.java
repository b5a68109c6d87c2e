package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.UnixSocket;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.linux.UserfaultfdFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The program of these tests, a process of its own: a memfd mapped twice, commanded by lines on its standard input. Arguments:
 * the pages, and whether the second mapping is registered for missing pages ({@code missing}) or for nothing.
 */
final class TrackedProgram {
    private static final long PAGE = 4096;

    private final long pageCount;
    private final Descriptor memfd;
    private final Mapping[] mappings;
    private final Userfaultfd userfaultfd;
    private final Descriptor pagemap = Pagemap.openOwn();
    private final MemorySegment scratch = Arena.global().allocate(64 * PAGE);
    private final Descriptor scratchFile = FileCalls.memfd("scratch", 64 * PAGE);
    private @Nullable RandomWriter writer;
    private @Nullable HotLoop loop;

    private TrackedProgram(long pageCount, boolean missing) {
        this.pageCount = pageCount;
        long sizeBytes = pageCount * PAGE;
        this.memfd = FileCalls.memfd("tracked", sizeBytes);
        this.mappings = new Mapping[] {
            Mapping.readWrite(memfd, sizeBytes, Arena.global()), Mapping.readWrite(memfd, sizeBytes, Arena.global())
        };
        this.userfaultfd = UserfaultfdFactory.create().userfaultfd();
        userfaultfd.register(mappings[0].address(), sizeBytes, Userfaultfd.Mode.WRITE_PROTECT);
        if (missing) userfaultfd.register(mappings[1].address(), sizeBytes, Userfaultfd.Mode.MISSING);
    }

    public static void main(String[] arguments) throws IOException {
        TrackedProgram program = new TrackedProgram(Long.parseLong(arguments[0]), arguments[1].equals("missing"));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer = program.command(line.split(" "));
            if (!answer.isEmpty()) System.out.println(answer);
        }
        System.exit(0);
    }

    private String command(String[] words) {
        switch (words[0]) {
            case "attach" -> attach(Path.of(words[1]));
            case "access" -> access(AccessPlan.of(number(words[1]), (int) number(words[2]), pageCount, true));
            case "write" -> access(AccessPlan.of(number(words[1]), (int) number(words[2]), pageCount, false));
            case "drop" -> drop(number(words[1]), number(words[2]));
            case "punch" -> FileCalls.punchHole(memfd, number(words[1]) * PAGE, number(words[2]) * PAGE);
            case "write-on" -> writer = RandomWriter.start(number(words[1]), mappings);
            case "stop-writing" -> RandomWriter.stop(writer);
            case "loop" -> loop = HotLoop.start(mappings[0].segment(), number(words[1]), number(words[2]));
            case "write-each" -> writeEach(number(words[1]), (int) number(words[2]));
            case "time-faults" -> {
                return FaultTimer.run(mappings[1].segment());
            }
            case "rounds" -> {
                return Long.toString(HotLoop.rounds(loop));
            }
            case "read-all" -> {
                // Its threads may wait for pages for long: the control thread goes on, and may attach to the next
                // pager.
                MissingReaders.start(mappings[1].segment(), number(words[1]), (int) number(words[2]));
                return "";
            }
            case "read-missing-by-system-call" -> {
                return Long.toString(FileCalls.writeAt(scratchFile, slice(1, number(words[1]) * PAGE, PAGE), 0));
            }
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
        return "done";
    }

    private static long number(String word) {
        return Long.parseLong(word);
    }

    private void attach(Path path) {
        String text = mappings[0].address() + " " + mappings[1].address() + " " + pageCount + "\n";
        try (UnixSocket socket = UnixSocket.connect(path)) {
            socket.send(text.getBytes(StandardCharsets.UTF_8), List.of(memfd, userfaultfd.descriptor(), pagemap));
        }
    }

    private void drop(long firstPage, long count) {
        for (Mapping mapping : mappings) mapping.dropEntries(firstPage * PAGE, count * PAGE);
    }

    private MemorySegment slice(int mapping, long offset, long length) {
        return mappings[mapping].segment().asSlice(offset, length);
    }

    private void access(AccessPlan plan) {
        for (AccessPlan.Access access : plan.accesses()) {
            MemorySegment bytes = slice(access.mapping(), access.offset(), access.length());
            MemorySegment own = scratch.asSlice(0, access.length());
            switch (access.kind()) {
                case LOAD -> scratch.set(ValueLayout.JAVA_BYTE, 0, bytes.get(ValueLayout.JAVA_BYTE, 0));
                case BULK_LOAD -> own.copyFrom(bytes);
                case LOAD_BY_SYSTEM_CALL -> requireAll(FileCalls.writeAt(scratchFile, bytes, 0), access);
                case STORE -> bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) access.offset());
                case BULK_STORE -> bytes.copyFrom(own);
                case STORE_BY_SYSTEM_CALL -> requireAll(FileCalls.readAt(scratchFile, bytes, 0), access);
            }
        }
    }

    private void writeEach(long step, int mapping) {
        MemorySegment memory = mappings[mapping].segment();
        for (long page = 0; page < pageCount; page += step) memory.set(ValueLayout.JAVA_BYTE, page * PAGE, (byte) step);
    }

    private static void requireAll(long transferred, AccessPlan.Access access) {
        if (transferred != access.length()) throw new IllegalStateException(transferred + " bytes of " + access);
    }
}
