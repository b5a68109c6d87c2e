package io.pageferry.server.migration;

import io.pageferry.server.http.ApiException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** The agents that registered since the server started, and which of them are alive. */
final class Agents {
    static final int MAX_AGENTS = 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int SESSION_BYTES = 16;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private final Map<String, Agent> agents = new ConcurrentSkipListMap<>();
    private final SecureRandom random = new SecureRandom();
    private final LongSupplier clockNs;
    private final Duration patience;
    private final long startNs;

    /**
     * @param patience an agent that was not seen for so long is not alive
     * @param clockNs a clock in nanoseconds that never goes back
     */
    Agents(Duration patience, LongSupplier clockNs) {
        this.patience = patience;
        this.clockNs = clockNs;
        this.startNs = clockNs.getAsLong();
    }

    /**
     * Begins a session; an older one of this name ends. The same process may register again at any time, and so may one that
     * serves the same place: only one process can.
     *
     * @throws ApiException 409 while another process of this name is alive
     */
    synchronized Agent register(String name, long processId, String started, String place) {
        if (!NAME.matcher(name).matches()) {
            throw ApiException.badRequest(
                    "'" + name + "' is not a name for an agent",
                    "use 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit");
        }
        Optional<Agent> before = agent(name);
        boolean replaces = before.filter(old -> old.isProcess(processId, started) || old.isReplacedBy(place))
                .isPresent();
        if (before.isPresent() && isAlive(before.get()) && !replaces) {
            throw ApiException.conflict(
                    "an agent named " + name + " is alive (process "
                            + before.get().processId() + ")",
                    "stop it and wait " + patience.toSeconds() + " s, or use another name");
        }
        forgetLongGone();
        if (before.isEmpty() && agents.size() >= MAX_AGENTS) {
            throw ApiException.conflict("there are " + MAX_AGENTS + " agents", "stop some that are not used");
        }
        Agent agent = new Agent(name, newSession(), processId, started, place, clockNs.getAsLong());
        before.filter(old -> old.isProcess(processId, started)).ifPresent(agent::continueFrom);
        agents.put(name, agent);
        return agent;
    }

    /** The agent whose session this is, seen now. @throws ApiException 404 if it never registered, 401 for another session */
    Agent authenticate(String name, Optional<String> session) {
        Agent agent = agent(name)
                .orElseThrow(() -> ApiException.notFound(
                        "no agent named " + name + " is registered", "register with POST /v1/agents"));
        if (session.isEmpty() || !agent.hasSession(session.get())) {
            throw wrongSession();
        }
        agent.seen(clockNs.getAsLong());
        return agent;
    }

    /** The agent whose session this is, whatever its name. @throws ApiException 401 */
    Agent authenticate(Optional<String> session) {
        return session.flatMap(token -> agents.values().stream()
                        .filter(agent -> agent.hasSession(token))
                        .findFirst())
                .map(agent -> authenticate(agent.name(), session))
                .orElseThrow(Agents::wrongSession);
    }

    private static ApiException wrongSession() {
        return ApiException.of(
                401,
                "the header Pageferry-Session does not carry this agent's session",
                "register again with POST /v1/agents; the server was restarted, or another process took the name");
    }

    synchronized void remove(Agent agent) {
        agents.remove(agent.name(), agent);
    }

    Optional<Agent> agent(String name) {
        return Optional.ofNullable(agents.get(name));
    }

    Collection<Agent> all() {
        return List.copyOf(agents.values());
    }

    /** What an agent that is alive hosts of a partition. */
    Optional<HostedPartition> hosted(String agent, String partition) {
        return agent(agent).filter(this::isAlive).flatMap(alive -> alive.hosted(partition));
    }

    boolean isAlive(Agent agent) {
        return agent.unseenNs(clockNs.getAsLong()) < patience.toNanos();
    }

    /** Whether it was not seen for too long; one that may not yet have noticed a restart of the server is given time. */
    boolean isGone(String name) {
        Optional<Agent> agent = agent(name);
        return agent.isPresent() ? !isAlive(agent.get()) : !isGraceTime();
    }

    /** Whether the server started so recently that living agents may not have registered again. */
    boolean isGraceTime() {
        return clockNs.getAsLong() - startNs < patience.toNanos();
    }

    /** Whether it is alive, and has had time to find the programs again that an agent before it had. */
    boolean isSettled(Agent agent) {
        return isAlive(agent) && clockNs.getAsLong() - agent.registeredNs() >= patience.toNanos();
    }

    long unseenNs(Agent agent) {
        return Math.max(0, agent.unseenNs(clockNs.getAsLong()));
    }

    private void forgetLongGone() {
        agents.values().removeIf(agent -> agent.unseenNs(clockNs.getAsLong()) > FORGOTTEN_AFTER.toNanos());
    }

    private String newSession() {
        byte[] bytes = new byte[SESSION_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
