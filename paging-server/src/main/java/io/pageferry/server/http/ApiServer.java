package io.pageferry.server.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The JDK's HTTP server with one virtual thread a request, so that thousands of long polls may wait at once. */
public final class ApiServer implements AutoCloseable {
    /** How long {@link #close} waits for replies that are being sent. */
    private static final int STOP_DELAY_S = 2;

    private final HttpServer server;
    private final ExecutorService threads;
    private final InFlight inFlight;

    private ApiServer(HttpServer server, ExecutorService threads, InFlight inFlight) {
        this.server = server;
        this.threads = threads;
        this.inFlight = inFlight;
    }

    /** Listens on {@code address} (port 0: any free one) and serves {@code router}'s routes. Throws BindException if it is taken. */
    public static ApiServer start(InetSocketAddress address, Router router) throws IOException {
        HttpServer server = bind(address);
        InFlight inFlight = new InFlight();
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("control-", 0).factory());
        server.setExecutor(threads);
        server.createContext("/", new Dispatcher(router, inFlight));
        server.start();
        return new ApiServer(server, threads, inFlight);
    }

    private static HttpServer bind(InetSocketAddress address) throws IOException {
        try {
            return HttpServer.create(address, 0);
        } catch (BindException e) {
            // The JDK does not say which address it could not have.
            throw (BindException) new BindException(address + ": " + e.getMessage()).initCause(e);
        }
    }

    /** Where it listens, with the port it got. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Ends long polls with 503, lets steps end and replies go out, and closes the address: no handler runs any more after it. */
    @Override
    public void close() {
        inFlight.stop();
        server.stop(STOP_DELAY_S);
        threads.close();
    }
}
