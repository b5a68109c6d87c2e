package io.pageferry.attach;

import io.pageferry.linux.Descriptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** The agent's requests to a program that wait for their answers, told apart by {@code id}. */
final class Requests {
    private final MessageChannel channel;
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, CompletableFuture<MessageChannel.Received>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private volatile boolean ended;

    Requests(MessageChannel channel) {
        this.channel = channel;
    }

    MessageChannel.Received call(Message request, Duration timeout) {
        long id = lastId.incrementAndGet();
        return await(id, request, timeout, () -> channel.send(request.with("id", id), List.of()));
    }

    MessageChannel.Received callWithState(Message request, byte[] state, Duration timeout) {
        long id = lastId.incrementAndGet();
        return await(id, request, timeout, () -> StateTransfer.send(channel, request.with("id", id), state));
    }

    private MessageChannel.Received await(long id, Message request, Duration timeout, Runnable send) {
        CompletableFuture<MessageChannel.Received> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        try {
            // Looked at after the entry is there: whoever ends the connection first sets this, then fails all entries.
            if (ended) throw new AttachLostException("the program has gone");
            // The program takes the first line that it gets for the answer to its own.
            opened.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            send.run();
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new ProgramFailedException(request.verb() + " had no answer within " + timeout.toSeconds() + " s");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ProgramFailedException failure) throw failure;
            throw new AttachLostException("the program has gone during " + request.verb(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AttachLostException("interrupted during " + request.verb(), interrupted);
        } finally {
            waiting.remove(id);
        }
    }

    /** Hands out answers until the connection ends. */
    void readReplies() {
        try {
            for (var received = channel.receive(); received.isPresent(); received = channel.receive()) {
                answer(received.get());
            }
        } finally {
            end();
            channel.close();
        }
    }

    /** Lets requests out: the program has been told that it is attached. */
    void open() {
        opened.complete(null);
    }

    /** Fails every request, now and from now on. */
    void end() {
        ended = true;
        AttachLostException lost = new AttachLostException("the program has gone");
        opened.completeExceptionally(lost);
        waiting.values().forEach(one -> one.completeExceptionally(lost));
    }

    void shutdown() {
        channel.shutdown();
    }

    private void answer(MessageChannel.Received received) {
        Message message = received.message();
        CompletableFuture<MessageChannel.Received> request = waiting.get(message.number("id", -1));
        boolean taken = request != null
                && switch (message.verb()) {
                    case "done" -> request.complete(received);
                    case "failed" -> request.completeExceptionally(new ProgramFailedException(message.text("reason")));
                    default -> throw new ProtocolException("not an answer: '" + message.verb() + "'");
                };
        // An answer that comes after its time-out has nobody to close what it carries.
        if (!taken || message.verb().equals("failed")) received.descriptors().forEach(Descriptor::close);
    }
}
