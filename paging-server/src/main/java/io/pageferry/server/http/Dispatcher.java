package io.pageferry.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Takes each exchange from its request line to the last byte of its reply. */
final class Dispatcher implements HttpHandler {
    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

    private final Router router;
    private final InFlight inFlight;

    Dispatcher(Router router, InFlight inFlight) {
        this.router = router;
        this.inFlight = inFlight;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        long startNs = System.nanoTime();
        try (exchange) {
            Reply reply = answer(exchange);
            send(exchange, reply);
            LOG.log(Level.DEBUG, () -> logLine(exchange, reply, System.nanoTime() - startNs));
        }
    }

    private Reply answer(HttpExchange exchange) {
        try {
            Router.Match match = router.find(
                    exchange.getRequestMethod(), exchange.getRequestURI().getRawPath());
            Request request = RequestReader.read(exchange, match);
            return callHandler(match.route(), request);
        } catch (ApiException e) {
            return e.toReply();
        } catch (InterruptedException e) {
            return InFlight.stopping().toReply();
        } catch (IOException | RuntimeException | Error e) {
            return internalError(exchange, e);
        }
    }

    private Reply callHandler(Route route, Request request) throws IOException, InterruptedException {
        inFlight.enter(route);
        try {
            return route.handler().handle(request);
        } finally {
            inFlight.leave();
        }
    }

    // The client gets a number to look for in the log, never the inside of the server.
    private static Reply internalError(HttpExchange exchange, Throwable cause) {
        String id = Integer.toHexString(ThreadLocalRandom.current().nextInt());
        LOG.log(Level.ERROR, "control request failed [" + id + "]: " + requestLine(exchange), cause);
        return ApiException.of(500, "internal error " + id, "look for [" + id + "] in the server's log")
                .toReply();
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = reply.body();
        boolean bodyAllowed = body.length > 0 && !exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), bodyAllowed ? body.length : -1);
        if (bodyAllowed) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private static String logLine(HttpExchange exchange, Reply reply, long durationNs) {
        return requestLine(exchange) + " " + reply.status() + " in " + TimeUnit.NANOSECONDS.toMicros(durationNs)
                + " us";
    }

    private static String requestLine(HttpExchange exchange) {
        return exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath();
    }
}
