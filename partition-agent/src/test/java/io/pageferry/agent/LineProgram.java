package io.pageferry.agent;

import io.pageferry.partition.Partition;
import io.pageferry.partition.PartitionMemory;
import io.pageferry.partition.PartitionOptions;
import io.pageferry.partition.Program;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A program that waits for a partition, and reads or releases a page as a line tells it: {@code read 3}. Arguments: socket, pages. */
final class LineProgram implements Program {
    static final String NAME = "lines";

    private final CompletableFuture<PartitionMemory> resumed = new CompletableFuture<>();

    private LineProgram() {}

    public static void main(String[] arguments) throws Exception {
        LineProgram program = new LineProgram();
        long sizeBytes = Long.parseLong(arguments[1]) * 4096;
        Partition.attach(Path.of(arguments[0]), NAME, sizeBytes, program, PartitionOptions.waiting());
        System.out.println("attached");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(program.command(line.split(" ")));
        }
        System.exit(0);
    }

    private String command(String[] words) {
        PartitionMemory memory = resumed.join();
        long at = Long.parseLong(words[1]) * memory.pageSizeBytes();
        if (words[0].equals("read")) return Long.toString(memory.segment().get(ValueLayout.JAVA_LONG, at));
        memory.release(at, memory.pageSizeBytes());
        return "released";
    }

    @Override
    public void resume(PartitionMemory memory, byte[] state) {
        resumed.complete(memory);
    }

    @Override
    public byte[] quiesce() {
        return new byte[0];
    }

    @Override
    public void departed() {}
}
