package io.pageferry.server.migration;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** An agent that registered: one process, under a session of its own. In memory only: after a restart it registers again. */
final class Agent {
    private final String name;
    private final String session;
    private final long processId;
    private final String started;
    private final String place;
    private final long registeredNs;
    private volatile long lastSeenNs;
    private volatile Optional<String> streams = Optional.empty();
    private final Set<String> everHosted = ConcurrentHashMap.newKeySet();
    private volatile Map<String, HostedPartition> hosted = Map.of();
    private volatile Map<String, Long> liveSinceNs = Map.of();

    Agent(String name, String session, long processId, String started, String place, long nowNs) {
        this.name = name;
        this.session = session;
        this.processId = processId;
        this.started = started;
        this.place = place;
        this.registeredNs = nowNs;
        this.lastSeenNs = nowNs;
    }

    String name() {
        return name;
    }

    String session() {
        return session;
    }

    long processId() {
        return processId;
    }

    String started() {
        return started;
    }

    boolean isProcess(long otherProcessId, String otherStarted) {
        return processId == otherProcessId && started.equals(otherStarted);
    }

    /** Whether a new process that serves this place proves that this agent's process has died. */
    boolean isReplacedBy(String otherPlace) {
        return !place.isEmpty() && place.equals(otherPlace);
    }

    long registeredNs() {
        return registeredNs;
    }

    /** In a time that does not depend on how much of the token is right. */
    boolean hasSession(String token) {
        return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), session.getBytes(StandardCharsets.UTF_8));
    }

    void seen(long nowNs) {
        lastSeenNs = nowNs;
    }

    long unseenNs(long nowNs) {
        return nowNs - lastSeenNs;
    }

    /** Where it takes pages straight from other agents, if it does. */
    Optional<String> streams() {
        return streams;
    }

    void streamsAt(Optional<String> address) {
        streams = address;
    }

    Optional<HostedPartition> hosted(String partition) {
        return Optional.ofNullable(hosted.get(partition));
    }

    Collection<HostedPartition> hosted() {
        return hosted.values();
    }

    /** Whether it has ever had a program of this partition: one that it does not report any more is gone. */
    boolean hasHosted(String partition) {
        return everHosted.contains(partition);
    }

    /** When its program of this partition was first seen live; whoever asks has seen it live. */
    long liveSinceNs(String partition) {
        return liveSinceNs.getOrDefault(partition, lastSeenNs);
    }

    long lastSeenNs() {
        return lastSeenNs;
    }

    /** Replaces what it hosts; returns what it hosted before. */
    synchronized Map<String, HostedPartition> host(Collection<HostedPartition> partitions) {
        Map<String, HostedPartition> before = hosted;
        partitions.forEach(partition -> everHosted.add(partition.name()));
        Map<String, HostedPartition> now = new TreeMap<>();
        Map<String, Long> nowLiveSinceNs = new TreeMap<>();
        for (HostedPartition partition : partitions) {
            now.put(partition.name(), partition);
            if (partition.isLive()) {
                boolean already = partition.isSameLiveProgram(before.get(partition.name()));
                nowLiveSinceNs.put(partition.name(), already ? liveSinceNs(partition.name()) : lastSeenNs);
            }
        }
        liveSinceNs = nowLiveSinceNs;
        hosted = now;
        return before;
    }

    /** Takes over from an older session of the same process. */
    void continueFrom(Agent older) {
        hosted = older.hosted;
        everHosted.addAll(older.everHosted);
        liveSinceNs = older.liveSinceNs;
    }
}
