package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.HandshakeFlags;
import io.pageferry.nbd.InfoType;
import io.pageferry.nbd.NbdMagic;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionHeader;
import io.pageferry.nbd.OptionReply;
import io.pageferry.nbd.OptionReplyHeader;
import io.pageferry.nbd.RequestHeader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A server that lies: behaves like a good one up to the point where a test takes over. */
final class BadPeer implements AutoCloseable {
    /** What a connection says. */
    interface Behaviour {
        void serve(Conversation conversation) throws IOException;
    }

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    BadPeer(Behaviour behaviour) throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> accept(behaviour));
    }

    private void accept(Behaviour behaviour) {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> converse(socket, behaviour));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void converse(Socket socket, Behaviour behaviour) {
        try (socket) {
            behaviour.serve(new Conversation(socket));
        } catch (IOException e) {
            // the client left, which is what most tests want
        } finally {
            open.remove(socket);
        }
    }

    NbdUri uri() {
        return NbdUri.tcp("127.0.0.1", listening.getLocalPort(), "disk");
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** One connection, with the parts of a good server that a lie may begin after. */
    static final class Conversation {
        private final DataInputStream in;
        private final OutputStream out;

        Conversation(Socket socket) throws IOException {
            in = new DataInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        void send(ByteBuf bytes) throws IOException {
            bytes.readBytes(out, bytes.readableBytes());
            out.flush();
        }

        void greet() throws IOException {
            send(Unpooled.buffer()
                    .writeLong(NbdMagic.INIT_PASSWD)
                    .writeLong(NbdMagic.I_HAVE_OPT)
                    .writeShort(HandshakeFlags.KNOWN));
            in.readInt();
        }

        /** Reads an option, with its data, and tells which it is. */
        NbdOption option() throws IOException {
            ByteBuf header = Unpooled.wrappedBuffer(in.readNBytes(OptionHeader.SIZE));
            if (header.readableBytes() < OptionHeader.SIZE) {
                throw new IOException("the client left");
            }
            in.readNBytes((int) OptionHeader.dataBytes(header, 0));
            NbdOption option = NbdOption.of(OptionHeader.option(header, 0));
            if (option == null) {
                throw new IOException("an unknown option");
            }
            return option;
        }

        void reply(NbdOption option, OptionReply type, ByteBuf data) throws IOException {
            ByteBuf reply = Unpooled.buffer();
            OptionReplyHeader.write(reply, option.code(), type, data.readableBytes());
            send(reply.writeBytes(data));
        }

        /** The whole handshake of an export of 1 MiB with structured replies and no metadata contexts. */
        void shakeHands(boolean structured) throws IOException {
            greet();
            for (NbdOption option = option(); option != NbdOption.GO; option = option()) {
                boolean accepted = option == NbdOption.STRUCTURED_REPLY && structured;
                reply(option, accepted ? OptionReply.ACK : OptionReply.ERR_UNSUP, Unpooled.EMPTY_BUFFER);
            }
            ByteBuf export = Unpooled.buffer()
                    .writeShort(InfoType.EXPORT)
                    .writeLong(1 << 20)
                    .writeShort(0x1ed);
            reply(NbdOption.GO, OptionReply.INFO, export);
            reply(NbdOption.GO, OptionReply.ACK, Unpooled.EMPTY_BUFFER);
        }

        /** Reads a request's header. */
        ByteBuf request() throws IOException {
            ByteBuf header = Unpooled.wrappedBuffer(in.readNBytes(RequestHeader.SIZE));
            if (header.readableBytes() < RequestHeader.SIZE) {
                throw new IOException("the client left");
            }
            return header;
        }

        /** Reads until the client leaves. */
        void listen() throws IOException {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
