package io.pageferry.partition;

import io.pageferry.attach.Attachment;
import java.nio.file.Path;

/** A {@link PatternAgent} in a process of its own, to be killed. Arguments: socket, seed, answers. */
final class PatternAgentMain {
    private PatternAgentMain() {}

    public static void main(String[] arguments) throws Exception {
        Path socket = Path.of(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        long answers = Long.parseLong(arguments[2]);
        PatternAgent agent = PatternAgent.start(socket, seed, answers, () -> System.out.println("last"));
        System.out.println("listening");
        Attachment attachment = agent.nextProgram().partition().attachment();
        System.out.println(
                "attached " + attachment.state().word() + (attachment.userModeOnly() ? " user-mode-only" : ""));
        while (System.in.read() >= 0) {
            // Until the test ends, or this is killed.
        }
        System.exit(0);
    }
}
