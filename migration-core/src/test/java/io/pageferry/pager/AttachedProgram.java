package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.UnixListener;
import io.pageferry.linux.UnixSocket;
import io.pageferry.linux.Userfaultfd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a {@link TrackedProgram} has passed over: its descriptors, and where its mappings are. */
record AttachedProgram(
        Descriptor memfd, Userfaultfd userfaultfd, Pagemap pagemap, long firstBase, long secondBase, long pageCount)
        implements AutoCloseable {

    /** Waits for one program at a socket. */
    static AttachedProgram accept(Path path, Runnable listening) {
        try (UnixListener listener = UnixListener.bind(path)) {
            listening.run();
            try (UnixSocket socket = listener.accept().orElseThrow()) {
                List<Descriptor> descriptors = new ArrayList<>();
                StringBuilder text = new StringBuilder();
                byte[] buffer = new byte[256];
                while (text.indexOf("\n") < 0) {
                    int length = socket.receive(buffer, descriptors);
                    if (length < 0) throw new IllegalStateException("the program has gone");
                    text.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
                }
                return of(descriptors, text.toString().trim().split(" "));
            }
        }
    }

    private static AttachedProgram of(List<Descriptor> descriptors, String[] words) {
        return new AttachedProgram(
                descriptors.get(0),
                Userfaultfd.owning(descriptors.get(1)),
                Pagemap.owning(descriptors.get(2)),
                Long.parseLong(words[0]),
                Long.parseLong(words[1]),
                Long.parseLong(words[2]));
    }

    TrackedMemory memory() {
        return new TrackedMemory(userfaultfd, pagemap, List.of(firstBase, secondBase), pageCount);
    }

    ServedMapping served() {
        return new ServedMapping(userfaultfd, secondBase, pageCount);
    }

    @Override
    public void close() {
        pagemap.close();
        userfaultfd.close();
        memfd.close();
    }
}
