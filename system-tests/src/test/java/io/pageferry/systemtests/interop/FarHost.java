package io.pageferry.systemtests.interop;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Another host, as a network namespace with a cable to this one that can be pulled (ip-netns(8), veth(4)). */
final class FarHost implements AutoCloseable {
    /** This host's end of the cable; an address of the range for tests (RFC 5737). */
    static final String HERE = "203.0.113.1";

    private static final String THERE = "203.0.113.2";

    private final String name = "pageferry" + ProcessHandle.current().pid();
    private final String near = "pf" + ProcessHandle.current().pid();

    static FarHost start() throws IOException, InterruptedException {
        FarHost host = new FarHost();
        Tool.Outcome made = Tool.attempt("iproute2", "ip", "netns", "add", host.name);
        if (made.exitStatus() != 0) {
            KernelRequirement.missing("no network namespace can be made here: " + made.output());
        }
        try {
            host.connect();
            return host;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            host.close();
            throw e;
        }
    }

    private void connect() throws IOException, InterruptedException {
        ip("link", "add", near, "type", "veth", "peer", "name", "far", "netns", name);
        ip("addr", "add", HERE + "/30", "dev", near);
        ip("link", "set", near, "up");
        ip("-n", name, "addr", "add", THERE + "/30", "dev", "far");
        ip("-n", name, "link", "set", "far", "up");
    }

    /** From now on, nothing arrives on either side. */
    void pullCable() throws IOException, InterruptedException {
        ip("-n", name, "link", "set", "far", "down");
    }

    /** Runs a program on the other host. */
    ChildJvm run(String... command) {
        List<String> all =
                new ArrayList<>(List.of(RequiredTool.find("ip", "iproute2").toString(), "netns", "exec", name));
        all.addAll(List.of(command));
        return ChildJvm.run("far", all);
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        Tool.run("iproute2", "ip", arguments);
    }

    @Override
    public void close() throws IOException {
        try {
            ip("netns", "delete", name); // and the cable with it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before the network namespace " + name + " was deleted", e);
        }
    }
}
