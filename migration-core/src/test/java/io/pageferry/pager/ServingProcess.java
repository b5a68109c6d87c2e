package io.pageferry.pager;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * An agent of these tests, a process of its own that a test may kill: takes a program over at a socket and serves its
 * faults. Arguments: the socket, the seed of the content, and after how many pages it stops answering.
 */
final class ServingProcess {
    private ServingProcess() {}

    public static void main(String[] arguments) throws IOException {
        AttachedProgram program = AttachedProgram.accept(Path.of(arguments[0]), () -> System.out.println("listening"));
        PatternSource pattern = new PatternSource(Long.parseLong(arguments[1]));
        long[] left = {Long.parseLong(arguments[2])};
        PageSource source = (pages, answers) -> {
            if (left[0]-- > 0) pattern.request(pages, answers);
            else if (left[0] == -1) System.out.println("silent");
        };
        RetryPolicy retry = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5));
        ResidentPages resident = ResidentPages.of(program.memfd(), program.pageCount());
        FaultServer.start(program.served(), resident, source, retry, FaultWait.SPIN, new NotedTrouble());
        System.out.println("serving");
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
