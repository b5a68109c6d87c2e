package io.pageferry.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A process of a test: a JVM with the test's class path and the flags of {@code config/jvm.args}. The two talk in lines
 * over the child's standard input and output; what it writes to its standard error is shown, marked with its name. A main
 * class should end when its standard input does, so that it never outlives a test that was killed.
 */
public final class ChildJvm implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String END = "\0end of output";

    private final String name;
    private final Process process;
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final Thread lastResort;

    private ChildJvm(String name, Process process) {
        this.name = name;
        this.process = process;
        this.lastResort = new Thread(process::destroyForcibly, "end of " + name);
    }

    /** Starts a main class. */
    public static ChildJvm start(Class<?> main, String... arguments) {
        return start(List.of(), main, arguments);
    }

    /** Starts a main class under more JVM flags, such as another collector's. */
    public static ChildJvm start(List<String> jvmFlags, Class<?> main, String... arguments) {
        return run(main.getSimpleName(), command(jvmFlags, main, arguments));
    }

    /** Starts a process of another kind, with which the test talks in the same way. */
    public static ChildJvm run(String name, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            // As scripts/partition-agent.sh does, so that agents under test copy as those that it starts.
            Path tunables = Path.of(home(), "config", "glibc.tunables");
            builder.environment()
                    .put("GLIBC_TUNABLES", Files.readString(tunables).strip());
            Process process = builder.start();
            ChildJvm child = new ChildJvm(name + " " + process.pid(), process);
            child.follow();
            return child;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot start " + command.getFirst() + " for " + name, failure);
        }
    }

    private static String home() {
        return System.getProperty("pageferry.home", "..");
    }

    private static List<String> command(List<String> jvmFlags, Class<?> main, String... arguments) {
        String home = home();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + home + File.separator + "config" + File.separator + "jvm.args");
        command.addAll(jvmFlags);
        command.add("-Dpageferry.home=" + home);
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    private void follow() {
        Runtime.getRuntime().addShutdownHook(lastResort);
        read("output of " + name, process.getInputStream(), output::add, () -> output.add(END));
        Consumer<String> show = line -> System.out.println("[" + name + "] " + line);
        read("errors of " + name, process.getErrorStream(), show, () -> {});
    }

    private static void read(String threadName, InputStream stream, Consumer<String> consumer, Runnable atEnd) {
        Thread.ofPlatform().daemon().name(threadName).start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) consumer.accept(line);
            } catch (IOException closed) {
                consumer.accept("(its stream ended: " + closed.getMessage() + ")");
            }
            atEnd.run();
        });
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Writes a line to the child's standard input. */
    public void send(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(name + " does not take \"" + line + "\"", failure);
        }
    }

    /** The next line of the child's standard output; throws if it ended, or says nothing for a minute. */
    public String nextLine() {
        return nextLine(PATIENCE);
    }

    /** The next line of the child's standard output; throws if it ended, or says nothing for so long. */
    public String nextLine(Duration patience) {
        String line = poll(patience);
        if (line.equals(END)) {
            output.add(END);
            throw new IllegalStateException(name + " has ended, exit status " + awaitExit());
        }
        return line;
    }

    /** What the child writes to its standard output from here to its end. */
    public List<String> restOfOutput() {
        List<String> rest = new ArrayList<>();
        for (String line = poll(PATIENCE); !line.equals(END); line = poll(PATIENCE)) rest.add(line);
        output.add(END);
        return rest;
    }

    /** Sends a line and returns the line that answers it. */
    public String ask(String line) {
        send(line);
        return nextLine();
    }

    private String poll(Duration patience) {
        try {
            String line = output.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null)
                throw new IllegalStateException(name + " said nothing for " + patience.toSeconds() + " s");
            return line;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** Waits until the child has ended; its exit status. */
    public int awaitExit() {
        try {
            if (process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) return process.exitValue();
            throw new IllegalStateException(name + " has not ended after " + PATIENCE.toSeconds() + " s");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** {@code kill -9}, and waits until the process is gone. */
    public void kill() {
        // By its handle: destroying the Process itself would throw away what the child has said and nobody has read
        // yet.
        process.toHandle().destroyForcibly();
        awaitExit();
    }

    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException alreadyEnding) {
            // This JVM is ending, and the hook does no harm.
        }
    }
}
