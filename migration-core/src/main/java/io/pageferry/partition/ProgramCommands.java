package io.pageferry.partition;

import io.pageferry.attach.Attachment;
import io.pageferry.attach.Message;
import io.pageferry.attach.MessageChannel;
import io.pageferry.attach.ProgramState;
import io.pageferry.attach.ProtocolException;
import io.pageferry.attach.StateTransfer;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.LinuxException;
import io.pageferry.page.PageRange;
import io.pageferry.pagetable.PageTables;
import io.pageferry.pagetable.Table;
import io.pageferry.process.Background;
import io.pageferry.process.Compilers;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;

/** What the agent can ask of the program, one request at a time; each gets one answer, {@code done} or {@code failed}. */
final class ProgramCommands {
    private static final Logger LOG = System.getLogger(ProgramCommands.class.getName());
    private static final byte[] NOTHING = {};

    private final PageTables tables;
    private final Program program;
    private final PartitionMemory memory;
    private final Runnable onDeparted;
    private volatile ProgramState state;
    private byte[] heldState = NOTHING;

    ProgramCommands(PageTables tables, Program program, ProgramState first, Runnable onDeparted) {
        this.tables = tables;
        this.program = program;
        this.memory = new TablesMemory(tables);
        this.state = first;
        this.onDeparted = onDeparted;
        Compilers.prepare();
    }

    ProgramState state() {
        return state;
    }

    /** Carries out one request and answers it; what the program throws goes back as the reason of a failure. */
    void carryOut(MessageChannel.Received received, MessageChannel channel) {
        Message request = received.message();
        Message done = Message.of("done").with("id", request.number("id"));
        try {
            switch (request.verb()) {
                case "resume" -> resume(Attachment.table(request.text("pointer")), StateTransfer.take(received));
                case "quiesce" -> {
                    StateTransfer.send(channel, done, quiesce());
                    return;
                }
                case "depart" -> depart();
                case "await-arrival" -> awaitArrival();
                case "drop-entries" -> tables.dropEntries(Attachment.table(request.text("table")), pages(request));
                case "populate" ->
                    tables.populate(
                            Table.PARTITION,
                            pages(request),
                            request.text("access").equals("write"));
                case "switch" -> tables.pointTo(Table.PARTITION);
                case "sweep" ->
                    done = done.with("swept", tables.sweep(pages(request)))
                            .with("by-calls", tables.invalidatedByCalls());
                default -> throw new ProtocolException("unknown request '" + request.verb() + "'");
            }
            channel.send(done, List.of());
        } catch (ProgramException | ProtocolException | LinuxException | IllegalStateException failure) {
            String reason = String.valueOf(failure.getMessage());
            channel.send(Message.of("failed").with("id", request.number("id")).withReason(reason), List.of());
        } finally {
            received.descriptors().forEach(Descriptor::close);
        }
    }

    private void resume(Table pointer, byte[] execution) {
        if (state == ProgramState.RUNNING || state == ProgramState.DEPARTED) {
            throw new ProtocolException("cannot resume a program that is " + state.word());
        }
        tables.pointTo(pointer);
        ProgramState before = state;
        // Before it does: it may wait for a page at its first step, and if the agent dies then, the next one must know
        // that
        // there is somebody to serve.
        state = ProgramState.RUNNING;
        // Threads that the program starts here are its own, and as any others.
        try (var _ = Foreground.pause()) {
            callProgram("resume", () -> program.resume(memory, execution));
        } catch (ProgramException failure) {
            state = before;
            throw failure;
        }
        heldState = NOTHING;
    }

    /**
     * Invariant: between this and the next {@code resume} the program does not touch the memory, so what the agent reads
     * after the answer is the partition's last content here.
     */
    private byte[] quiesce() {
        if (state == ProgramState.QUIESCED) return heldState;
        if (state != ProgramState.RUNNING)
            throw new ProtocolException("cannot quiesce a program that is " + state.word());
        callProgram("quiesce", () -> heldState = Objects.requireNonNull(program.quiesce(), "the state is null"));
        state = ProgramState.QUIESCED;
        // Nothing that is compiled from here on is likely to be run here.
        Compilers.giveWay();
        if (heldState.length > StateTransfer.MAX_BYTES) throw goOnWithoutMoving(heldState);
        return heldState;
    }

    // It has come to rest, and no agent could start it again with a state that does not travel.
    private ProgramException goOnWithoutMoving(byte[] tooLarge) {
        callProgram("resume", () -> program.resume(memory, tooLarge));
        state = ProgramState.RUNNING;
        heldState = NOTHING;
        return new ProgramException("quiesce returned a state of " + tooLarge.length + " bytes; the limit is "
                + StateTransfer.MAX_BYTES + ". The program goes on here");
    }

    private void depart() {
        if (state == ProgramState.RUNNING) throw new ProtocolException("cannot depart a program that is running");
        if (state == ProgramState.DEPARTED) return;
        state = ProgramState.DEPARTED;
        try {
            callProgram("departed", program::departed);
        } finally {
            onDeparted.run();
        }
    }

    private void awaitArrival() {
        if (state != ProgramState.DEPARTED && state != ProgramState.INCOMING) {
            throw new ProtocolException("cannot wait for an arrival in a program that is " + state.word());
        }
        // The partition may be starting on this very host.
        try (var _ = Background.begin()) {
            tables.empty();
        }
        state = ProgramState.INCOMING;
    }

    private PageRange pages(Message request) {
        long first = request.number("first-page");
        long count = request.number("page-count");
        if (first < 0 || count < 1 || first > tables.pageCount() - count) {
            throw new ProtocolException("pages " + first + " + " + count + " are not within " + tables.pageCount());
        }
        return new PageRange(first, count);
    }

    private interface ProgramCall {
        void run() throws Exception;
    }

    // Whatever a program's own code throws must reach the agent as an answer: the control thread lives on.
    private static void callProgram(String what, ProgramCall call) {
        try {
            call.run();
        } catch (Throwable failure) {
            LOG.log(Level.ERROR, "the program's " + what + " failed", failure);
            throw new ProgramException("the program's " + what + " failed: " + failure);
        }
    }

    private static final class ProgramException extends RuntimeException {
        private static final long serialVersionUID = 1;

        ProgramException(String message) {
            super(message);
        }
    }
}
