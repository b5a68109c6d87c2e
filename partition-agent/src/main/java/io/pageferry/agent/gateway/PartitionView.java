package io.pageferry.agent.gateway;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a partition is, as the paging server tells it.
 *
 * @param state where it is in its life
 * @param endpoint where its requests go; empty while it is nowhere
 * @param epoch rises with each hand-over
 */
record PartitionView(State state, Optional<InetSocketAddress> endpoint, long epoch) {
    /** What to do with requests. */
    enum State {
        /** They go to the endpoint. */
        RUNNING,
        /** They are held: the partition is between two agents. */
        SWITCHING,
        /** They go to the endpoint, whose program carries them out as soon as it runs: the hand-over is committed. */
        ARRIVING,
        /** They are held, for a while: the partition is in its paging space. */
        SUSPENDED,
        /** Its agent is silent: they go to the endpoint that was known last, where its program may run all the same. */
        LOST,
        /** They get an error: the paging server knows no such partition. */
        ABSENT
    }

    /** Until the paging server has told. */
    static final PartitionView UNKNOWN = new PartitionView(State.SWITCHING, Optional.empty(), 0);

    static final PartitionView NO_SUCH = new PartitionView(State.ABSENT, Optional.empty(), 0);

    boolean takesRequests() {
        return (state == State.RUNNING || state == State.ARRIVING || state == State.LOST) && endpoint.isPresent();
    }
}
