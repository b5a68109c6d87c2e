package io.pageferry.partition;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A program that notes how it is called, and fails when it is told to. */
final class ScriptedProgram implements Program {
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile byte[] state = {};
    volatile @Nullable Throwable failure;
    private volatile @Nullable PartitionMemory memory;

    PartitionMemory memory() {
        PartitionMemory now = memory;
        if (now == null) throw new IllegalStateException("not resumed");
        return now;
    }

    @Override
    public void resume(PartitionMemory resumed, byte[] with) throws Exception {
        fail();
        calls.add("resume " + with.length);
        memory = resumed;
    }

    @Override
    public byte[] quiesce() throws Exception {
        fail();
        calls.add("quiesce");
        return state;
    }

    @Override
    public void departed() {
        calls.add("departed");
    }

    private void fail() throws Exception {
        Throwable thrown = failure;
        if (thrown instanceof Exception exception) throw exception;
        if (thrown instanceof Error error) throw error;
    }
}
