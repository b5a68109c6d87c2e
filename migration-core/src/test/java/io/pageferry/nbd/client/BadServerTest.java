package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.ChunkType;
import io.pageferry.nbd.NbdError;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;
import io.pageferry.nbd.ReplyChunk;
import io.pageferry.nbd.RequestHeader;
import io.pageferry.nbd.SimpleReply;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that break the protocol get a typed failure, soon, and never more memory than is agreed. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class BadServerTest {
    /** For failures that are to come before any limit, however busy the machine is. */
    private static final NbdClientOptions PATIENT = NbdClientOptions.DEFAULT.withConnections(1, false);

    /** For servers that never answer. */
    private static final NbdClientOptions SHORT =
            PATIENT.withTimeLimits(Duration.ofSeconds(10), Duration.ofMillis(400), Duration.ofMillis(300));

    /** For servers that never speak at all. */
    private static final NbdClientOptions SHORT_HANDSHAKE =
            PATIENT.withTimeLimits(Duration.ofMillis(400), Duration.ofMillis(400), Duration.ofMillis(300));

    /** A lie, told in answer to a READ of 4096 bytes at 8192 whose cookie is given. */
    record Lie(String name, boolean structured, Teller teller) {
        @Override
        public String toString() {
            return name;
        }
    }

    interface Teller {
        void tell(ByteBuf out, long cookie);
    }

    private static Lie chunks(String name, Teller teller) {
        return new Lie(name, true, teller);
    }

    static Stream<Lie> lies() {
        return Stream.of(
                chunks("garbage instead of a reply", (out, cookie) -> out.writeZero(64)),
                chunks("an unknown cookie", (out, cookie) -> ReplyChunk.writeNone(out, cookie + 1)),
                chunks("success without data", (out, cookie) -> ReplyChunk.writeNone(out, cookie)),
                chunks("a chunk longer than the request", (out, cookie) -> {
                    ReplyChunk.writeDataPrefix(out, 1, cookie, 8192, 8192);
                    out.writeZero(8192);
                }),
                chunks(
                        "a chunk of nearly 4 GiB",
                        (out, cookie) -> ReplyChunk.writeHeader(out, 1, ChunkType.OFFSET_DATA, cookie, 0xffff_ffffL)),
                chunks(
                        "an error message of nearly 4 GiB",
                        (out, cookie) -> ReplyChunk.writeHeader(out, 1, ChunkType.ERROR, cookie, 0xffff_ffffL)),
                chunks("data before the request", (out, cookie) -> {
                    ReplyChunk.writeDataPrefix(out, 1, cookie, 4096, 4096);
                    out.writeZero(4096);
                }),
                chunks("data at an offset that overflows", (out, cookie) -> {
                    ReplyChunk.writeDataPrefix(out, 1, cookie, Long.MAX_VALUE - 4095, 4096);
                    out.writeZero(4096);
                }),
                chunks("the same data twice, to the right length in sum", (out, cookie) -> {
                    for (int half = 0; half < 2; half++) {
                        ReplyChunk.writeDataPrefix(out, half, cookie, 8192, 2048);
                        out.writeZero(2048);
                    }
                }),
                chunks(
                        "a hole beyond the request",
                        (out, cookie) -> ReplyChunk.writeHole(out, 1, cookie, 8192, 0xffff_ffffL)),
                chunks("an empty hole", (out, cookie) -> ReplyChunk.writeHole(out, 0, cookie, 8192, 0)),
                chunks(
                        "a hole of the wrong length",
                        (out, cookie) -> ReplyChunk.writeHeader(out, 1, ChunkType.OFFSET_HOLE, cookie, 13)),
                chunks("an error that is none", (out, cookie) -> {
                    ReplyChunk.writeHeader(out, 1, ChunkType.ERROR, cookie, 6);
                    out.writeZero(6);
                }),
                chunks("an error whose message does not fit", (out, cookie) -> {
                    ReplyChunk.writeHeader(out, 1, ChunkType.ERROR, cookie, 6);
                    out.writeInt(5).writeShort(7);
                }),
                chunks("a block status to a read", (out, cookie) -> {
                    ReplyChunk.writeStatusPrefix(out, 1, cookie, 0, 1);
                    out.writeLong(0);
                }),
                chunks("an unknown chunk type", (out, cookie) -> ReplyChunk.writeHeader(out, 1, 77, cookie, 0)),
                chunks(
                        "a last chunk that is not marked",
                        (out, cookie) -> ReplyChunk.writeHeader(out, 0, ChunkType.NONE, cookie, 0)),
                chunks("a simple reply to a read", (out, cookie) -> {
                    SimpleReply.write(out, 0, cookie);
                    out.writeZero(4096);
                }),
                new Lie("a chunk that was not agreed on", false, (out, cookie) -> ReplyChunk.writeNone(out, cookie)));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void aLieAboutAReadIsAProtocolFailure(Lie lie) throws Exception {
        try (BadPeer peer = new BadPeer(conversation -> {
                    conversation.shakeHands(lie.structured());
                    long cookie = RequestHeader.cookie(conversation.request(), 0);
                    ByteBuf out = Unpooled.buffer();
                    lie.teller().tell(out, cookie);
                    conversation.send(out);
                    conversation.listen();
                });
                NbdClient client = NbdClient.connect(peer.uri(), PATIENT);
                Arena arena = Arena.ofShared()) {
            var read = client.read(8192, arena.allocate(4096));
            assertThatThrownBy(read::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(NbdProtocolException.class);
            assertThatThrownBy(() -> client.flush().join())
                    .as("the peer is not trusted any more")
                    .hasCauseInstanceOf(NbdProtocolException.class);
        }
    }

    @Test
    void aServerThatStopsWithinAChunkIsUnreachableAfterTheLimits() throws Exception {
        assertUnreachable(conversation -> {
            conversation.shakeHands(true);
            long cookie = RequestHeader.cookie(conversation.request(), 0);
            ByteBuf out = Unpooled.buffer();
            ReplyChunk.writeDataPrefix(out, 1, cookie, 8192, 4096);
            conversation.send(out.writeZero(100));
            conversation.listen();
        });
    }

    @Test
    void aServerThatClosesWithinAChunkAgainAndAgainIsUnreachableAfterTheLimit() throws Exception {
        assertUnreachable(conversation -> {
            conversation.shakeHands(true);
            long cookie = RequestHeader.cookie(conversation.request(), 0);
            ByteBuf out = Unpooled.buffer();
            ReplyChunk.writeDataPrefix(out, 1, cookie, 8192, 4096);
            conversation.send(out.writeZero(100));
        });
    }

    private static void assertUnreachable(BadPeer.Behaviour behaviour) throws Exception {
        try (BadPeer peer = new BadPeer(behaviour);
                NbdClient client = NbdClient.connect(peer.uri(), SHORT);
                Arena arena = Arena.ofShared()) {
            var read = client.read(8192, arena.allocate(4096));
            assertThatThrownBy(read::join).hasCauseInstanceOf(NbdUnreachableException.class);
        }
    }

    @Test
    void aWriteThatIsNeverAnsweredIsOfUnknownOutcomeAndNotSentTwice() throws Exception {
        var writes = new AtomicInteger();
        try (BadPeer peer = new BadPeer(conversation -> {
                    conversation.shakeHands(true);
                    conversation.request();
                    writes.incrementAndGet();
                    conversation.listen();
                });
                NbdClient client = NbdClient.connect(peer.uri(), SHORT);
                Arena arena = Arena.ofShared()) {
            var write = client.write(0, arena.allocate(4096), 0);
            assertThatThrownBy(write::join)
                    .hasCauseInstanceOf(NbdUnreachableException.class)
                    .hasMessageContaining("unknown");
            assertThat(writes).hasValue(1);
        }
    }

    @Test
    void anErrorThatComesBeforeThePayloadWasTakenFailsTheWriteOnceItWas() throws Exception {
        try (BadPeer peer = new BadPeer(conversation -> {
                    conversation.shakeHands(true);
                    long cookie = RequestHeader.cookie(conversation.request(), 0);
                    ByteBuf out = Unpooled.buffer();
                    ReplyChunk.writeError(out, cookie, NbdError.EPERM, "no");
                    conversation.send(out);
                    conversation.listen();
                });
                NbdClient client = NbdClient.connect(peer.uri(), PATIENT);
                Arena arena = Arena.ofShared()) {
            MemorySegment megabyte = arena.allocate(1 << 20);
            assertThatThrownBy(() -> client.write(0, megabyte, 0).join())
                    .cause()
                    .asInstanceOf(type(NbdException.class))
                    .matches(NbdException::isFenced);
        }
    }

    static Stream<BadPeer.Behaviour> badHandshakes() {
        return Stream.of(
                conversation -> conversation.send(Unpooled.buffer().writeZero(200)),
                conversation -> {
                    conversation.greet();
                    conversation.send(Unpooled.buffer().writeZero(200));
                    conversation.listen();
                },
                conversation -> {
                    conversation.greet();
                    conversation.option();
                    conversation.reply(NbdOption.LIST, OptionReply.ACK, Unpooled.EMPTY_BUFFER);
                    conversation.listen();
                },
                conversation -> {
                    conversation.greet();
                    conversation.reply(
                            conversation.option(),
                            OptionReply.ACK,
                            Unpooled.buffer().writeZero(70_000));
                    conversation.listen();
                },
                conversation -> {
                    conversation.greet();
                    for (NbdOption option = conversation.option(); ; option = conversation.option()) {
                        conversation.reply(option, OptionReply.ACK, Unpooled.EMPTY_BUFFER); // GO without its info
                    }
                },
                BadServerTest::endlessInfo);
    }

    private static void endlessInfo(BadPeer.Conversation conversation) throws IOException {
        conversation.greet();
        NbdOption option = conversation.option();
        while (option != NbdOption.GO) {
            conversation.reply(option, OptionReply.ERR_UNSUP, Unpooled.EMPTY_BUFFER);
            option = conversation.option();
        }
        while (true) {
            conversation.reply(NbdOption.GO, OptionReply.INFO, Unpooled.buffer().writeShort(1000));
        }
    }

    @ParameterizedTest
    @MethodSource("badHandshakes")
    void aBadHandshakeIsATypedFailure(BadPeer.Behaviour behaviour) throws Exception {
        try (BadPeer peer = new BadPeer(behaviour)) {
            assertThatThrownBy(() -> NbdClient.connect(peer.uri(), PATIENT))
                    .isInstanceOfAny(NbdProtocolException.class, NbdUnreachableException.class);
        }
    }

    @Test
    void aServerThatNeverSpeaksIsUnreachableAfterTheLimit() throws Exception {
        try (BadPeer peer = new BadPeer(BadPeer.Conversation::listen)) {
            assertThatThrownBy(() -> NbdClient.connect(peer.uri(), SHORT_HANDSHAKE))
                    .isInstanceOf(NbdUnreachableException.class);
        }
    }
}
