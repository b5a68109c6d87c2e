package io.pageferry.examples.kv.command;

/** What the store knows of one connection. Only its event loop uses it. */
public final class Session {
    private final long id;
    private final ServerFigures server;
    private int protocol = 2;
    private boolean leaving;
    private String name = "";

    public Session(long id, ServerFigures server) {
        this.id = id;
        this.server = server;
    }

    long id() {
        return id;
    }

    ServerFigures server() {
        return server;
    }

    /** The version of RESP that the client speaks: 2, or 3 after HELLO 3. */
    public int protocol() {
        return protocol;
    }

    void protocol(int version) {
        protocol = version;
    }

    /** Whether the client said QUIT: its connection is closed after the reply. */
    public boolean isLeaving() {
        return leaving;
    }

    void leave() {
        leaving = true;
    }

    String name() {
        return name;
    }

    void name(String chosen) {
        name = chosen;
    }
}
