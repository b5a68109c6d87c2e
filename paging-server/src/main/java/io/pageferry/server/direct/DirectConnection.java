package io.pageferry.server.direct;

import io.pageferry.direct.DirectException;
import io.pageferry.direct.DirectRequest;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.Frame;
import io.pageferry.direct.FrameChannel;
import io.pageferry.direct.OpenRequest;
import io.pageferry.direct.OpenedSpace;
import io.pageferry.direct.RangeBatch;
import io.pageferry.linux.Descriptor;
import io.pageferry.server.pool.SpaceFullException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One agent's connection: it opens a space, then says and asks things about it, one after the other. */
final class DirectConnection {
    private static final Logger LOG = System.getLogger(DirectConnection.class.getName());

    private final FrameChannel channel;
    private final UUID identity;
    private final DirectSpaces spaces;
    private final int ownUserId;
    private final Duration openLimit;
    private final RangeBatch batch = new RangeBatch();
    private DirectRequest current = DirectRequest.OPEN;

    DirectConnection(FrameChannel channel, UUID identity, DirectSpaces spaces, int ownUserId, Duration openLimit) {
        this.channel = channel;
        this.identity = identity;
        this.spaces = spaces;
        this.ownUserId = ownUserId;
        this.openLimit = openLimit;
    }

    /** Serves until the agent goes, or breaks the protocol; what it says wrong, it is told. */
    void serve() {
        try (channel) {
            Optional<OpenSpace> opened = open();
            if (opened.isPresent()) serve(opened.get());
        } catch (DirectException ended) {
            LOG.log(Level.DEBUG, "a direct connection ended: {0}", ended.getMessage());
        }
    }

    private Optional<OpenSpace> open() {
        // A peer that connects and says nothing holds a thread, so it must not do so for long.
        Thread watch = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(openLimit);
                channel.shutdown();
            } catch (InterruptedException saidInTime) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            requireOwnUser();
            Optional<Frame> first = channel.receive();
            if (first.isEmpty()) return Optional.empty();
            return Optional.of(open(first.get()));
        } catch (DirectException refused) {
            answer(refused);
            return Optional.empty();
        } finally {
            watch.interrupt();
        }
    }

    private void requireOwnUser() {
        int user = channel.peer().userId();
        if (user != 0 && user != ownUserId) {
            throw new DirectException(
                    DirectStatus.REFUSED, "this server serves user " + ownUserId + " and root, not user " + user);
        }
    }

    private OpenSpace open(Frame first) {
        channel.dropDescriptors();
        if (first.type() != DirectRequest.OPEN.code()) {
            throw new DirectException(DirectStatus.INVALID, "the first frame does not open a space");
        }
        OpenSpace space = spaces.admit(OpenRequest.decode(first.payload()), channel::shutdown);
        try (Descriptor file = space.file()) {
            byte[] payload = new OpenedSpace(space.sizeBytes(), space.isWritable(), identity).encoded();
            channel.send(DirectRequest.OPEN, DirectStatus.OK, payload, payload.length, List.of(file));
            return space;
        } catch (RuntimeException failure) {
            spaces.ended(space);
            throw failure;
        }
    }

    private void serve(OpenSpace space) {
        try {
            for (Optional<Frame> frame = channel.receive(); frame.isPresent(); frame = channel.receive()) {
                channel.dropDescriptors();
                if (!serve(space, frame.get())) return;
            }
        } catch (DirectException broken) {
            if (broken.status() == DirectStatus.INVALID) answer(broken);
            else throw broken;
        } finally {
            spaces.ended(space);
        }
    }

    /** Answers one request; returns whether the agent may go on. */
    private boolean serve(OpenSpace space, Frame frame) {
        try {
            current = DirectRequest.ofCode(frame.type())
                    .filter(known -> known != DirectRequest.OPEN)
                    .orElseThrow(() -> new DirectException(
                            DirectStatus.INVALID, "a request of type " + frame.type() + " is not known here"));
            carryOut(space, frame);
            channel.send(current, DirectStatus.OK, batch.bytes(), batch.length(), List.of());
            batch.clear();
            return true;
        } catch (DirectException refused) {
            if (refused.status() == DirectStatus.FAILED) throw refused;
            answer(refused);
            return refused.status() != DirectStatus.INVALID;
        } catch (SpaceFullException full) {
            answer(new DirectException(DirectStatus.NO_SPACE, String.valueOf(full.getMessage())));
            return true;
        } catch (RuntimeException failure) {
            LOG.log(Level.ERROR, current + " of space " + space.name() + " failed", failure);
            answer(new DirectException(DirectStatus.FAILED, String.valueOf(failure.getMessage())));
            return true;
        }
    }

    private void carryOut(OpenSpace space, Frame frame) {
        switch (current) {
            case RESERVE ->
                RangeBatch.visit(frame.payload(), space.sizeBytes(), (at, length, hole) -> space.reserve(at, length));
            case WRITTEN ->
                RangeBatch.visit(frame.payload(), space.sizeBytes(), (at, length, hole) -> space.written(at, length));
            case DISCARD ->
                RangeBatch.visit(frame.payload(), space.sizeBytes(), (at, length, hole) -> space.discard(at, length));
            case CHANGED -> space.changed(this::tell);
            case FLUSH -> space.flush();
            case OPEN -> throw new AssertionError("refused above");
        }
    }

    private void tell(long offset, long length, boolean hole) {
        if (batch.isFull()) {
            channel.send(current, DirectStatus.MORE, batch.bytes(), batch.length(), List.of());
            batch.clear();
        }
        batch.add(offset, length, hole);
    }

    private void answer(DirectException refused) {
        batch.clear();
        byte[] why = String.valueOf(refused.getMessage()).getBytes(StandardCharsets.UTF_8);
        try {
            channel.send(current, refused.status(), why, Math.min(why.length, 1024), List.of());
        } catch (DirectException gone) {
            LOG.log(Level.DEBUG, "a peer has gone before it was told: {0}", refused.getMessage());
        }
    }
}
