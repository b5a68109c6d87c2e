package io.pageferry.pager;

import io.pageferry.testing.ChildJvm;
import java.nio.file.Path;

/** A {@link TrackedProgram} and this process's hold on it. */
record ProgramUnderTest(ChildJvm process, AttachedProgram attached) implements AutoCloseable {
    static ProgramUnderTest start(Path directory, long pageCount, boolean missing) {
        ChildJvm process =
                ChildJvm.start(TrackedProgram.class, Long.toString(pageCount), missing ? "missing" : "present");
        Path socket = directory.resolve("attach-" + process.pid());
        return new ProgramUnderTest(process, AttachedProgram.accept(socket, () -> process.send("attach " + socket)))
                .confirmed();
    }

    private ProgramUnderTest confirmed() {
        if (!process.nextLine().equals("done")) throw new IllegalStateException("the program did not attach");
        return this;
    }

    /** Has the program do something; returns when it has. */
    void run(String command) {
        String answer = process.ask(command);
        if (!answer.equals("done")) throw new IllegalStateException(command + ": " + answer);
    }

    EntryDropper dropper() {
        return pages -> run("drop " + pages.firstPage() + " " + pages.pageCount());
    }

    @Override
    public void close() {
        process.close();
        attached.close();
    }
}
