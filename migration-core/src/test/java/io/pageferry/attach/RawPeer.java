package io.pageferry.attach;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.UnixSocket;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A peer that can say what it likes: it holds everything a program brings, and sends any of it, or none. */
final class RawPeer implements AutoCloseable {
    static final long SIZE = 16 * 4096;

    final Descriptor memory = FileCalls.sealedMemfd("raw", SIZE);
    final Descriptor userfaultfd = UserfaultfdFactory.create().userfaultfd().descriptor();
    final Descriptor pagemap = Pagemap.openOwn();
    final Descriptor records = PageRecords.create("raw", 16);
    private final Arena arena = Arena.ofShared();
    private final Mapping first = Mapping.readWrite(memory, SIZE, arena);
    private final Mapping second = Mapping.readWrite(memory, SIZE, arena);
    private final UnixSocket socket;
    private final StringBuilder heard = new StringBuilder();

    RawPeer(Path path) {
        socket = UnixSocket.connect(path);
    }

    Message attachMessage(String name) {
        return new Attachment(
                        name,
                        SIZE,
                        ProgramState.NEW,
                        1,
                        first.address(),
                        second.address(),
                        Table.PARTITION,
                        false,
                        Optional.empty())
                .toMessage();
    }

    List<Descriptor> descriptors() {
        return List.of(memory, userfaultfd, pagemap, records);
    }

    void attach(Message message, List<Descriptor> descriptors) {
        send(message.with("descriptors", descriptors.size()).toBytes(), descriptors);
    }

    void send(String text) {
        send(text.getBytes(StandardCharsets.ISO_8859_1), List.of());
    }

    void send(byte[] bytes, List<Descriptor> descriptors) {
        socket.send(bytes, descriptors);
    }

    /** The next line that the agent says, or {@code "(closed)"}. */
    String hear() {
        byte[] into = new byte[4096];
        while (heard.indexOf("\n") < 0) {
            List<Descriptor> received = new ArrayList<>();
            int length = socket.receive(into, received);
            received.forEach(Descriptor::close);
            if (length < 0) return "(closed)";
            heard.append(new String(into, 0, length, StandardCharsets.UTF_8));
        }
        String line = heard.substring(0, heard.indexOf("\n"));
        heard.delete(0, line.length() + 1);
        return line;
    }

    /** The reason of the refusal that comes next. */
    String refusal() {
        Message message = Message.parse(hear());
        if (!message.verb().equals("refused")) throw new IllegalStateException(message.toString());
        return message.text("reason");
    }

    @Override
    public void close() {
        socket.close();
        for (Descriptor one : descriptors()) one.close();
        arena.close();
    }
}
