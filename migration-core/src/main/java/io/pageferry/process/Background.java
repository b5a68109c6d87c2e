package io.pageferry.process;

import io.pageferry.linux.ThreadPriority;

/** Work that nobody waits for, beside work that clients wait for. */
public final class Background implements AutoCloseable {
    private static final int NICE = 10;

    private final int ordinary = ThreadPriority.own();

    private Background() {}

    /**
     * Takes weight from the calling thread until this is closed; by the same thread. Does nothing where the weight could not be
     * given back ({@code CAP_SYS_NICE}): threads made meanwhile would keep the little they inherit.
     */
    public static Background begin() {
        Background begun = new Background();
        if (ThreadPriority.mayRaise()) ThreadPriority.setOwn(Math.max(begun.ordinary, NICE));
        return begun;
    }

    /**
     * Takes weight from every thread of this process for good: for a process that is about to end, whose memory the kernel takes down
     * while its successor begins.
     */
    public static void forTheRest() {
        if (!ThreadPriority.mayRaise()) return;
        for (int thread : ThreadPriority.named("")) ThreadPriority.set(thread, NICE);
    }

    @Override
    public void close() {
        if (ThreadPriority.mayRaise()) ThreadPriority.setOwn(ordinary);
    }
}
