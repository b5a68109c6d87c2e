package io.pageferry.process;

/** Waiting for threads. */
public final class Threads {
    private Threads() {}

    /** Returns once a thread has ended, however often the waiting one is interrupted; that it was is kept for its caller. */
    @SuppressWarnings("Interruption") // what is taken down next is used by that thread until its end
    public static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
