package io.pageferry.agent;

import io.pageferry.pager.PageTableSwitch;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How an agent does its work.
 *
 * @param heatInterval how often the use of pages is sampled while partitions run; zero for never
 * @param prefetches whether what comes here is fetched while the source still sends
 * @param allocatesAhead whether the memory of programs that wait here is allocated before their partitions come
 * @param maxPostcopyBytesPerSecond the most that is filled in the background; 0 for no limit
 * @param sweepPace how the old page table is swept after an arrival
 * @param path how pages go, where a migration does not say
 * @param stream where to take pages straight from other agents; port 0 is any
 */
public record AgentOptions(
        Duration heatInterval,
        boolean prefetches,
        boolean allocatesAhead,
        long maxPostcopyBytesPerSecond,
        PageTableSwitch.Pace sweepPace,
        PathChoice path,
        InetSocketAddress stream) {}
