package io.pageferry.examples.kv;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.pageferry.examples.kv.command.CommandExecutor;
import io.pageferry.examples.kv.command.Session;
import io.pageferry.examples.kv.store.KvStore;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Serves a store to Redis clients with one event loop: the only thread that executes commands. It listens from the start;
 * commands wait until the first {@link #resume}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes its channel, and the loop logs what a task throws
final class KvServer implements AutoCloseable {
    private static final WriteBufferWaterMark REPLIES_WAITING = new WriteBufferWaterMark(64 << 10, 256 << 10);
    /** One for all: what was compiled for one clock would be compiled anew for another. */
    static final LongSupplier WALL_CLOCK = System::currentTimeMillis;

    private static final int BACKLOG = 1024;
    private static final int CLOSING_SECONDS = 10;

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final Channel listener;
    private final ExecutionGate gate;
    private final Connections connections;
    private final Housekeeping housekeeping;

    private KvServer(
            EventLoopGroup group,
            EventLoop loop,
            Channel listener,
            ExecutionGate gate,
            Connections connections,
            LongSupplier clockMs) {
        this.group = group;
        this.loop = loop;
        this.listener = listener;
        this.gate = gate;
        this.connections = connections;
        this.housekeeping = new Housekeeping(loop, gate, clockMs);
    }

    /** Listens. Throws if the address cannot be had. */
    static KvServer start(InetSocketAddress address, String partition, long memoryBytes, LongSupplier clockMs)
            throws java.io.IOException {
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("kv", true), NioIoHandler.newFactory());
        ExecutionGate gate = new ExecutionGate();
        Connections connections = new Connections(gate, clockMs);
        ProcessFigures figures = new ProcessFigures(connections, partition, memoryBytes);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, REPLIES_WAITING)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new KvConnection(connections, new Session(figures.connected(), figures)));
                    }
                });
        io.netty.channel.ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new java.io.IOException("cannot listen on " + address, bound.cause());
        }
        figures.listening(((InetSocketAddress) bound.channel().localAddress()).getPort());
        KvServer server = new KvServer(group, bound.channel().eventLoop(), bound.channel(), gate, connections, clockMs);
        server.housekeeping.start();
        return server;
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Executes commands on this store from now on: first those that wait. */
    void resume(KvStore store) {
        connections.executor(new CommandExecutor(store));
        housekeeping.keep(store);
        gate.open();
        loop.execute(() -> connections.all().forEach(KvConnection::goOn));
    }

    /**
     * Comes to rest: when this returns, the memory is not touched until {@link #resume}. It waits for one command at most,
     * however many connections are busy. Replies of executed commands go on being sent; commands that arrive wait.
     */
    void quiesce() {
        gate.close();
    }

    /** The partition runs elsewhere: no new clients, and each connection is closed after its last reply. */
    void depart() {
        loop.execute(() -> {
            listener.close();
            connections.all().forEach(KvConnection::sayGoodbye);
        });
    }

    /** Waits until all clients are gone. */
    void awaitNoConnections() throws InterruptedException, TimeoutException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSING_SECONDS);
        while (connections.openCount() > 0) {
            if (System.nanoTime() > deadlineNs) throw new TimeoutException("clients are still connected");
            Thread.sleep(10);
        }
    }

    int openConnections() {
        return connections.openCount();
    }

    @Override
    public void close() {
        gate.close();
        group.shutdownGracefully(0, CLOSING_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
