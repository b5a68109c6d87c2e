package io.pageferry.agent.rehearsal;

import io.pageferry.partition.PartitionMemory;
import io.pageferry.partition.Program;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;

/** A program that does nothing with its memory but what it is told to. Its threads never touch a page that is missing. */
final class ScratchProgram implements Program {
    private final CompletableFuture<PartitionMemory> started = new CompletableFuture<>();

    /** Writes a long into every page, and marks a few as released. */
    void write(long value) {
        PartitionMemory memory = started.join();
        long pageBytes = memory.pageSizeBytes();
        for (long at = 0; at < memory.sizeBytes(); at += pageBytes) {
            memory.segment().set(ValueLayout.JAVA_LONG, at, value + at);
        }
        memory.release(0, pageBytes);
    }

    @Override
    public void resume(PartitionMemory memory, byte[] state) {
        started.complete(memory);
    }

    @Override
    public byte[] quiesce() {
        return new byte[] {1};
    }

    @Override
    public void departed() {}
}
