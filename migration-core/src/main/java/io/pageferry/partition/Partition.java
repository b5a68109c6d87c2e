package io.pageferry.partition;

import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.Attachment;
import io.pageferry.attach.MessageChannel;
import io.pageferry.attach.ProtocolException;
import io.pageferry.attach.StateTransfer;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.UnixSocket;
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
     * @throws IllegalArgumentException if the size is not a positive multiple of the page size, or the name is none
     */
    public static Partition attach(
            Path agentSocket, String name, long sizeBytes, Program program, PartitionOptions options) {
        Attachment.requireName(name);
        PageTables.requireSize(sizeBytes);
        try {
            // First of all: without an agent there is no use in making the memory, whose mappings stay.
            MessageChannel connected = new MessageChannel(UnixSocket.connect(agentSocket));
            return new Partition(start(connected, agentSocket, name, sizeBytes, program, options));
        } catch (LinuxException | AttachLostException | ProtocolException failure) {
            throw new AttachException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static ControlThread start(
            MessageChannel connected,
            Path agentSocket,
            String name,
            long sizeBytes,
            Program program,
            PartitionOptions options) {
        PageTables tables = PageTables.create(name, sizeBytes);
        try {
            UserfaultfdFactory.Created faults = UserfaultfdFactory.create();
            ControlThread control =
                    ControlThread.attach(connected, agentSocket, name, tables, faults, program, options);
            control.start();
            return control;
        } catch (RuntimeException failure) {
            connected.close();
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
