package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.linux.LinuxException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Samples the heat of the partitions hosted here while they run: again and again, rarer where it would cost the program
 * more than {@link #MAX_COST_SHARE} of its time.
 */
final class HeatLoop implements AutoCloseable {
    /** What sampling may cost a program. */
    static final double MAX_COST_SHARE = 0.005;

    private static final Logger LOG = System.getLogger(HeatLoop.class.getName());
    private static final Duration MAX_SHORT_WINDOW = Duration.ofSeconds(1);
    /** What a fault costs the program that makes a page's entry again, or notes its first write. */
    private static final long COST_NS_A_FAULT = 1500;

    private final Coordinator coordinator;
    private final Map<String, HostedPartition> hosted;
    private final Duration interval;
    private final Thread thread;

    /** @param interval from the begin of one sample to the next, at least; zero to sample never */
    HeatLoop(Coordinator coordinator, Map<String, HostedPartition> hosted, Duration interval) {
        this.coordinator = coordinator;
        this.hosted = hosted;
        this.interval = interval;
        this.thread = Thread.ofPlatform().name("agent-heat").daemon().unstarted(this::loop);
    }

    void start() {
        if (!interval.isZero()) thread.start();
    }

    private void loop() {
        long faults = 0;
        try {
            while (true) {
                long beganNs = System.nanoTime();
                long budgetNs = (long) (faults * COST_NS_A_FAULT / MAX_COST_SHARE);
                Duration cycle = Duration.ofNanos(Math.max(interval.toNanos(), budgetNs));
                faults = sampleAll(cycle);
                long leftNs = cycle.toNanos() - (System.nanoTime() - beganNs);
                if (leftNs > 0) Thread.sleep(Duration.ofNanos(leftNs));
            }
        } catch (InterruptedException closed) {
            LOG.log(Level.DEBUG, "heat is sampled no more");
        }
    }

    /** Samples every partition, beside each other; returns the most faults that it has cost one of them. */
    private long sampleAll(Duration cycle) throws InterruptedException {
        AtomicLong most = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (HostedPartition each : hosted.values()) {
            threads.add(Thread.ofVirtual().start(() -> most.accumulateAndGet(sample(each, cycle), Math::max)));
        }
        try {
            for (Thread each : threads) each.join();
        } catch (InterruptedException closed) {
            threads.forEach(Thread::interrupt);
            throw closed;
        }
        return most.get();
    }

    private long sample(HostedPartition one, Duration cycle) {
        if (!runs(one)) return 0;
        Duration shortWindow =
                cycle.dividedBy(4).compareTo(MAX_SHORT_WINDOW) < 0 ? cycle.dividedBy(4) : MAX_SHORT_WINDOW;
        try {
            long faults = one.heat().sample(() -> runs(one), shortWindow, cycle.minus(shortWindow));
            // A sample that a migration has ended tells something all the same, but not of a program that has gone on
            // elsewhere.
            if (faults >= 0 || runs(one)) coordinator.reportHeat(one.name(), HeatReport.of(one));
            return faults;
        } catch (ControlException notNow) {
            LOG.log(Level.DEBUG, "heat of {0} not reported: {1}", one.name(), notNow.getMessage());
        } catch (AttachLostException | ProgramFailedException | LinuxException failure) {
            LOG.log(Level.DEBUG, "heat of {0} not sampled: {1}", one.name(), failure.getMessage());
        } catch (IllegalStateException closed) {
            // Its descriptors, once the program has gone.
            if (!one.attached().gone().isDone()) throw closed;
            LOG.log(Level.DEBUG, "heat of {0} not sampled: {1}", one.name(), closed.getMessage());
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    // While memory arrives its page tables are another's business.
    private static boolean runs(HostedPartition one) {
        return one.attached().state() == ProgramState.RUNNING && !one.isArriving();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
