package io.pageferry.agent.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The control API of one partition, which is wherever a test says; until it has said so there is none. */
final class ScriptedPartition implements AutoCloseable {
    private static final long POLL_MS = 500;

    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private String view = "";
    private long version;

    ScriptedPartition() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext("/v1/partitions/store", this::answer);
        http.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    synchronized void is(String state, long epoch, int port) {
        version++;
        String endpoint = port == 0 ? "" : ",\"endpoint\":\"127.0.0.1:" + port + "\"";
        view = "{\"name\":\"store\",\"state\":\"" + state + "\",\"epoch\":" + epoch + ",\"version\":" + version
                + endpoint + "}";
        notifyAll();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        long after = Long.parseLong(query.replaceAll(".*after=(\\d+).*", "$1"));
        String view = await(after);
        String answer = view.isEmpty() ? "{\"error\":\"there is no partition store\"}" : view;
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(view.isEmpty() ? 404 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private synchronized String await(long after) {
        long endMs = System.currentTimeMillis() + POLL_MS;
        try {
            for (long leftMs = POLL_MS; version <= after && leftMs > 0; leftMs = endMs - System.currentTimeMillis()) {
                wait(leftMs);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
        return view;
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
