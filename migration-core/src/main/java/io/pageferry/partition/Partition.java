package io.pageferry.partition;

import io.pageferry.attach.Attachment;
import io.pageferry.attach.StateTransfer;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.pagetable.PageTables;
import java.nio.file.Path;

/**
 * A program's hold on its partition: memory that its agent can follow, page out and move. The agent is another process;
 * should it die, the program goes on, and threads that wait for a missing page wait until a new agent serves the socket.
 *
 * <pre>{@code
 * try (Partition partition = Partition.attach(Path.of("/run/pageferry/a.sock"), "store", 1L << 30, program)) {
 *     partition.awaitDeparture();
 * }
 * }</pre>
 */
public final class Partition implements AutoCloseable {
    /** The largest execution state of a program, in bytes. */
    public static final int MAX_STATE_BYTES = StateTransfer.MAX_BYTES;

    private final ControlThread control;

    private Partition(ControlThread control) {
        this.control = control;
    }

    /** Attaches a program that starts on empty memory: its {@code resume} is called soon after, with an empty state. */
    public static Partition attach(Path agentSocket, String name, long sizeBytes, Program program) {
        return attach(agentSocket, name, sizeBytes, program, PartitionOptions.starting());
    }

    /**
     * Creates the memory and attaches it to the agent.
     *
     * @param agentSocket the Unix socket at which the agent serves
     * @param name the partition's name: letters, digits, {@code . _ -}, at most 64, a letter or digit first
     * @param sizeBytes the memory's size, a positive multiple of the page size
     * @throws AttachException if the agent is not there or refuses, or this kernel or user may not do what is needed;
     *     its message says what to do
     * @throws IllegalArgumentException if the size is not a multiple of the page size
     */
    public static Partition attach(
            Path agentSocket, String name, long sizeBytes, Program program, PartitionOptions options) {
        PageTables tables = PageTables.create(name, sizeBytes);
        try {
            ControlThread control =
                    ControlThread.connect(agentSocket, name, tables, UserfaultfdFactory.create(), program, options);
            control.start();
            return new Partition(control);
        } catch (LinuxException failure) {
            tables.close();
            throw new AttachException(failure.getMessage(), failure);
        } catch (RuntimeException failure) {
            tables.close();
            throw failure;
        }
    }

    /** Waits until the partition runs elsewhere, or this was closed. */
    public void awaitDeparture() throws InterruptedException {
        control.awaitEnd();
    }

    /** Leaves the agent. The memory stays readable until the process ends, but nothing missing arrives any more. */
    @Override
    public void close() {
        control.close();
    }

    /** The version of the attach protocol that this class speaks. */
    public static int protocolVersion() {
        return Attachment.VERSION;
    }
}
