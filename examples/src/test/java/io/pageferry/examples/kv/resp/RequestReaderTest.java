package io.pageferry.examples.kv.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.LastBulkStringRedisContent;
import io.netty.handler.codec.redis.RedisDecoder;
import io.pageferry.testing.TestSeed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestReaderTest {
    @Test
    void readsWhatNettysCodecReadsHoweverTheBytesArrive() throws Exception {
        Random random = TestSeed.random(RequestReaderTest.class);
        for (int round = 0; round < 300; round++) {
            byte[] stream = randomCommands(random);
            assertThat(readInPieces(stream, random)).isEqualTo(readByNetty(stream));
        }
    }

    @Test
    void readsInlineCommandsWithQuotes() throws Exception {
        assertThat(read("SET a 'x y'\r\nPING\n\r\n  GET \"a\\x41\\n\"\r\n"))
                .containsExactly(List.of("SET", "a", "x y"), List.of("PING"), List.of("GET", "aA\n"));
    }

    @Test
    void emptyArraysAreNoCommands() throws Exception {
        assertThat(read("*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n")).containsExactly(List.of("PING"));
    }

    @Test
    void refusesWhatIsNotTheProtocolInRedisWords() {
        assertRefused("*x\r\n", "invalid multibulk length");
        assertRefused("*1048577\r\n", "invalid multibulk length");
        assertRefused("*99999999999999999999\r\n", "invalid multibulk length");
        assertRefused("*1\r\n$-5\r\n", "invalid bulk length");
        assertRefused("*1\r\n$1048577\r\n", "invalid bulk length");
        assertRefused("*1\r\n$536870912\r\n", "invalid bulk length");
        assertRefused("*1\r\nPING\r\n", "expected '$', got 'P'");
        assertRefused("*" + "1".repeat(100), "too big mbulk count string");
        assertRefused("*1\r\n$" + "1".repeat(100), "too big bulk count string");
        assertRefused("x".repeat(RespLimits.MAX_INLINE_BYTES + 1), "too big inline request");
        assertRefused("GET 'a\r\n", "unbalanced quotes in request");
        assertRefused("GET \"a\"b\r\n", "unbalanced quotes in request");
    }

    @Test
    void aCommandIsBoundedAndADeclaredLengthTakesNoMemory() throws Exception {
        RequestReader reader = new RequestReader();
        add(reader, "*1000000\r\n$1048576\r\n");
        assertThat(reader.next()).isFalse();
        assertThat(reader.heldBytes()).isLessThan(100_000);
        byte[] argument = ("$1048576\r\n" + "v".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        RequestReader large = new RequestReader();
        add(large, "*100\r\n");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        large.add(Unpooled.wrappedBuffer(argument));
                        assertThat(large.next()).isFalse();
                        assertThat(large.heldBytes()).isLessThan(RespLimits.MAX_REQUEST_BYTES * 2);
                    }
                })
                .hasMessageContaining("too big request");
    }

    private static void assertRefused(String bytes, String message) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("ERR Protocol error: " + message);
    }

    private static byte[] randomCommands(Random random) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int commands = 1 + random.nextInt(20);
        for (int c = 0; c < commands; c++) {
            int arguments = 1 + random.nextInt(random.nextInt(10) == 0 ? 200 : 5);
            stream.writeBytes(("*" + arguments + "\r\n").getBytes(StandardCharsets.US_ASCII));
            for (int a = 0; a < arguments; a++) {
                byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 40_000 : 30)];
                random.nextBytes(bytes);
                stream.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
                stream.writeBytes(bytes);
                stream.writeBytes(new byte[] {'\r', '\n'});
            }
        }
        return stream.toByteArray();
    }

    private static List<List<String>> readInPieces(byte[] stream, Random random) throws ProtocolException {
        RequestReader reader = new RequestReader();
        List<List<String>> commands = new ArrayList<>();
        int most = 1 << random.nextInt(17);
        for (int at = 0; at < stream.length; ) {
            int length = Math.min(1 + random.nextInt(most), stream.length - at);
            reader.add(Unpooled.wrappedBuffer(stream, at, length));
            at += length;
            // Sometimes the bytes are held unread, as while the program rests.
            if (random.nextInt(3) > 0 || at == stream.length) drain(reader, commands);
        }
        assertThat(reader.waitingBytes()).isZero();
        return commands;
    }

    private static List<List<String>> readByNetty(byte[] stream) {
        EmbeddedChannel netty = new EmbeddedChannel(new RedisDecoder());
        netty.writeInbound(Unpooled.wrappedBuffer(stream));
        List<List<String>> commands = new ArrayList<>();
        StringBuilder argument = new StringBuilder();
        for (Object message = netty.readInbound(); message != null; message = netty.readInbound()) {
            if (message instanceof ArrayHeaderRedisMessage) commands.add(new ArrayList<>());
            if (message instanceof BulkStringRedisContent part) {
                argument.append(part.content().toString(StandardCharsets.ISO_8859_1));
                part.release();
                if (message instanceof LastBulkStringRedisContent) {
                    commands.getLast().add(argument.toString());
                    argument.setLength(0);
                }
            }
        }
        netty.finishAndReleaseAll();
        return commands;
    }

    private static List<List<String>> read(String bytes) throws ProtocolException {
        RequestReader reader = new RequestReader();
        add(reader, bytes);
        List<List<String>> commands = new ArrayList<>();
        drain(reader, commands);
        return commands;
    }

    private static void add(RequestReader reader, String bytes) {
        ByteBuf buffer = Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1);
        reader.add(buffer);
        buffer.release();
    }

    private static void drain(RequestReader reader, List<List<String>> commands) throws ProtocolException {
        while (reader.next()) {
            List<String> arguments = new ArrayList<>();
            for (int i = 0; i < reader.count(); i++) {
                arguments.add(new String(reader.data(), reader.at(i), reader.length(i), StandardCharsets.ISO_8859_1));
            }
            commands.add(arguments);
        }
    }
}
