package io.pageferry.systemtests.moves;

import io.pageferry.testing.ChildJvm;
import java.io.IOException;

/** A process that is stopped, as one is that its host does not schedule, until this is closed. */
final class Frozen implements AutoCloseable {
    private final long processId;

    Frozen(ChildJvm process) throws IOException {
        this.processId = process.pid();
        signal("STOP", processId);
    }

    @Override
    public void close() throws IOException {
        signal("CONT", processId);
    }

    private static void signal(String name, long processId) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(processId)).start();
        if (kill.onExit().join().exitValue() != 0)
            throw new IllegalStateException("kill -" + name + " " + processId + " failed");
    }
}
