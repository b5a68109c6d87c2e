package io.pageferry.examples.kv;

import io.pageferry.examples.kv.command.CommandExecutor;
import io.pageferry.examples.kv.resp.ReplyWriter;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What all connections share. But for the gate and the figures, only the event loop uses it. */
final class Connections {
    /** How many clients may be connected at once, as Redis has it. */
    static final int MAX_CLIENTS = 10_000;

    private static final System.Logger LOG = System.getLogger(Connections.class.getName());
    private static final int SHARE_OF_HEAP = 4;

    private final ExecutionGate gate;
    private final LongSupplier clockMs;
    private final ReplyWriter replies = new ReplyWriter();
    private final Set<KvConnection> open = new LinkedHashSet<>();
    private final BufferBudget input = new BufferBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    private final BufferBudget output = new BufferBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    // Set by the control thread while the gate is closed, read by the event loop inside the gate.
    private volatile @Nullable CommandExecutor executor;
    private volatile int openCount;
    private volatile long commandsProcessed;

    Connections(ExecutionGate gate, LongSupplier clockMs) {
        this.gate = gate;
        this.clockMs = clockMs;
    }

    ExecutionGate gate() {
        return gate;
    }

    ReplyWriter replies() {
        return replies;
    }

    BufferBudget input() {
        return input;
    }

    BufferBudget output() {
        return output;
    }

    long nowMs() {
        return clockMs.getAsLong();
    }

    CommandExecutor executor() {
        CommandExecutor now = executor;
        if (now == null) throw new IllegalStateException("the gate is open and there is no store");
        return now;
    }

    void executor(CommandExecutor next) {
        executor = next;
    }

    boolean add(KvConnection connection) {
        if (open.size() >= MAX_CLIENTS) return false;
        open.add(connection);
        openCount = open.size();
        return true;
    }

    void remove(KvConnection connection) {
        open.remove(connection);
        openCount = open.size();
    }

    /** All that are open now: a copy, since closing one takes it away. */
    List<KvConnection> all() {
        return List.copyOf(open);
    }

    int openCount() {
        return openCount;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the event loop counts
    void countCommand() {
        commandsProcessed++;
    }

    long commandsProcessed() {
        return commandsProcessed;
    }

    void failed(KvConnection connection, Throwable cause) {
        // A client that goes away is not worth more than this; anything else is a fault of ours.
        Level level = cause instanceof java.io.IOException ? Level.DEBUG : Level.ERROR;
        LOG.log(level, "closing a connection: " + cause, cause);
    }

    void tooMuchOutput(KvConnection connection) {
        LOG.log(
                Level.WARNING,
                "closing a connection that does not read its replies: " + output.heldBytes()
                        + " bytes wait to be sent to all clients");
    }
}
