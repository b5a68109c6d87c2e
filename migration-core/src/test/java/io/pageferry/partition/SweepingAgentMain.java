package io.pageferry.partition;

import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pagetable.Table;
import java.nio.file.Path;
import java.time.Duration;

/** An agent that brings a program's memory, switches its page tables and sweeps slowly, to be killed. Arguments: socket, seed. */
final class SweepingAgentMain {
    private static final PageTableSwitch.Pace SLOW = new PageTableSwitch.Pace(64, Duration.ofMillis(20));

    private SweepingAgentMain() {}

    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[1]);
        PatternAgent agent = PatternAgent.start(Path.of(arguments[0]), seed);
        System.out.println("listening");
        PatternAgent.Hosted hosted = agent.nextProgram();
        hosted.fillAll(seed);
        System.out.println("filled " + hosted.partition().address(Table.MIGRATION));
        new PageTableSwitch(hosted.partition(), SLOW)
                .run(new PageSet(hosted.partition().pageCount()));
        System.out.println("swept");
        while (System.in.read() >= 0) {
            // Until the test ends, or this is killed.
        }
        System.exit(0);
    }
}
