package io.pageferry.systemtests.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A memory control group, of either version, that makes who runs in it swap (the kernel's cgroup-v1/memory.rst, cgroup-v2.rst). */
final class MemoryLimit implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final Path group;

    private MemoryLimit(Path group) {
        this.group = group;
    }

    /** A group of this size, where the machine can limit memory. */
    static Optional<MemoryLimit> create(long sizeBytes) throws IOException {
        Path first = ROOT.resolve("memory");
        if (Files.exists(first.resolve("memory.limit_in_bytes"))) {
            return Optional.of(create(first, "memory.limit_in_bytes", sizeBytes));
        }
        Path enabled = ROOT.resolve("cgroup.subtree_control");
        if (Files.exists(enabled) && Files.readString(enabled).contains("memory")) {
            return Optional.of(create(ROOT, "memory.max", sizeBytes));
        }
        return Optional.empty();
    }

    private static MemoryLimit create(Path parent, String limit, long sizeBytes) throws IOException {
        Path group = Files.createDirectory(
                parent.resolve("pageferry-" + ProcessHandle.current().pid()));
        Files.writeString(group.resolve(limit), Long.toString(sizeBytes));
        return new MemoryLimit(group);
    }

    /** Where a process writes its id to be in the group. */
    Path processes() {
        return group.resolve("cgroup.procs");
    }

    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
