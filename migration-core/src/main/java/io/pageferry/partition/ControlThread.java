package io.pageferry.partition;

import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.Attachment;
import io.pageferry.attach.HandshakeTimer;
import io.pageferry.attach.Message;
import io.pageferry.attach.MessageChannel;
import io.pageferry.attach.ProgramState;
import io.pageferry.attach.ProtocolException;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.UnixSocket;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.pagetable.PageTables;
import io.pageferry.pagetable.Table;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Serves the agent's requests for one partition, and attaches again where the agent has died.
 *
 * <p>Invariant: the process keeps the userfaultfd open for its whole life, so a page that is missing when the agent dies
 * stays missing: who touches it waits, and never reads zeroes. And the program's own code is never called by the thread that
 * attaches again: where it waits for a page, only the next agent can bring that.
 */
final class ControlThread {
    private static final Logger LOG = System.getLogger(ControlThread.class.getName());
    private static final int FIRST_RETRY_MS = 20;
    private static final int LAST_RETRY_MS = 1000;
    private static final int ANSWER_OUT_MS = 2000;
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final Path agentSocket;
    private final String name;
    private final PageTables tables;
    private final UserfaultfdFactory.Created faults;
    private final PartitionOptions options;
    private final ProgramCommands commands;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ReentrantLock busy = new ReentrantLock();
    private final ExecutorService calls;
    private final Thread thread;
    private volatile MessageChannel channel;
    private volatile boolean closing;

    private ControlThread(
            MessageChannel connected,
            Path agentSocket,
            String name,
            PageTables tables,
            UserfaultfdFactory.Created faults,
            Program program,
            PartitionOptions options) {
        this.agentSocket = agentSocket;
        this.name = name;
        this.tables = tables;
        this.faults = faults;
        this.options = options;
        ProgramState first = options.incoming() ? ProgramState.INCOMING : ProgramState.NEW;
        this.commands = new ProgramCommands(tables, program, first, ended::countDown);
        this.channel = attach(connected);
        this.calls = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("pageferry-calls-" + name).daemon().factory());
        this.thread = Thread.ofPlatform().name("pageferry-" + name).daemon().unstarted(this::serve);
    }

    /** Attaches for the first time; where that fails, the caller is told why. */
    static ControlThread attach(
            MessageChannel connected,
            Path agentSocket,
            String name,
            PageTables tables,
            UserfaultfdFactory.Created faults,
            Program program,
            PartitionOptions options) {
        try {
            return new ControlThread(connected, agentSocket, name, tables, faults, program, options);
        } catch (RuntimeException failure) {
            faults.userfaultfd().close();
            throw failure;
        }
    }

    void start() {
        thread.start();
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /**
     * Leaves the agent. Invariant: a request that is just being carried out is answered first, so that the agent does not take
     * this for a death; and the memory of a partition that has departed is given back, whether or not the agent came to ask.
     */
    void close() {
        closing = true;
        boolean isIdle = awaitIdle();
        try {
            if (isIdle && commands.state() == ProgramState.DEPARTED) tables.empty();
            channel.shutdown();
        } finally {
            if (isIdle) busy.unlock();
        }
        calls.shutdown();
        ended.countDown();
    }

    private boolean awaitIdle() {
        try {
            return busy.tryLock(ANSWER_OUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void carryOut(MessageChannel.Received request, MessageChannel current) {
        busy.lock();
        try {
            commands.carryOut(request, current);
        } catch (AttachLostException | ProtocolException | IllegalStateException unheard) {
            LOG.log(Level.INFO, "partition {0}: nobody heard an answer: {1}", name, unheard.getMessage());
        } finally {
            busy.unlock();
        }
    }

    private void carryOutFirst(MessageChannel.Received request, MessageChannel current) {
        try (var _ = Foreground.begin()) {
            carryOut(request, current);
        }
    }

    private void handOver(MessageChannel.Received request, MessageChannel current) {
        try {
            calls.execute(() -> carryOutFirst(request, current));
        } catch (RejectedExecutionException closed) {
            request.descriptors().forEach(Descriptor::close);
        }
    }

    private void serve() {
        try (var _ = Foreground.begin()) {
            serveAgents();
        }
    }

    private void serveAgents() {
        while (!closing) {
            try (MessageChannel current = channel) {
                for (var received = current.receive(); received.isPresent(); received = current.receive()) {
                    handOver(received.get(), current);
                }
            } catch (AttachLostException | ProtocolException failure) {
                LOG.log(
                        Level.WARNING,
                        "partition {0}: the agent''s connection failed: {1}",
                        name,
                        failure.getMessage());
            }
            if (commands.state() == ProgramState.DEPARTED) return;
            if (!closing) attachAgain();
        }
    }

    private void attachAgain() {
        LOG.log(Level.WARNING, "partition {0}: the agent at {1} has gone; waiting for a new one", name, agentSocket);
        for (int waitMs = FIRST_RETRY_MS; !closing; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
            try {
                Thread.sleep(waitMs);
                channel = attach();
                if (closing) channel.shutdown();
                LOG.log(Level.INFO, "partition {0}: attached again", name);
                return;
            } catch (LinuxException | AttachException | AttachLostException | ProtocolException notYet) {
                LOG.log(Level.DEBUG, "partition {0}: {1}", name, notYet.getMessage());
            } catch (InterruptedException interrupted) {
                closing = true;
            }
        }
    }

    private MessageChannel attach() {
        return attach(new MessageChannel(UnixSocket.connect(agentSocket)));
    }

    private MessageChannel attach(MessageChannel connected) {
        HandshakeTimer timer = HandshakeTimer.start(connected, ANSWER_LIMIT);
        try (timer) {
            introduce(connected);
            Message answer = connected
                    .receive()
                    .orElseThrow(() -> new AttachException("the agent at " + agentSocket + " closed the connection"))
                    .message();
            return switch (answer.verb()) {
                case "attached" -> connected;
                case "refused" ->
                    throw new AttachException("the agent at " + agentSocket + " refused: " + answer.text("reason"));
                default ->
                    throw new AttachException(
                            "no agent serves " + agentSocket + ": it answered '" + answer.verb() + "'");
            };
        } catch (RuntimeException failure) {
            connected.close();
            throw failure;
        }
    }

    private void introduce(MessageChannel connected) {
        Descriptor userfaultfd = faults.userfaultfd().descriptor();
        List<Descriptor> descriptors = List.of(tables.memory(), userfaultfd, tables.pagemap(), tables.recordsMemory());
        try {
            connected.send(attachment().toMessage(), descriptors);
        } catch (AttachLostException closed) {
            // An agent that does not serve this user says so and closes before it listens: its answer tells more.
            LOG.log(Level.DEBUG, "the agent has closed before it heard who this is", closed);
        }
    }

    private Attachment attachment() {
        return new Attachment(
                name,
                tables.sizeBytes(),
                commands.state(),
                ProcessHandle.current().pid(),
                tables.address(Table.PARTITION),
                tables.address(Table.MIGRATION),
                tables.settledPointer(),
                faults.userModeOnly(),
                options.endpoint());
    }
}
