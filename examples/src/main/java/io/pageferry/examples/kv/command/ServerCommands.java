package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.resp.RespLimits;
import io.pageferry.examples.kv.store.KvStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What clients say at the start, and what they ask about the server. */
final class ServerCommands {
    /** The version of Redis whose commands, replies and errors these are. */
    static final String REDIS_VERSION = "7.0.15";
    // Redis' own word for a server that takes writes, which clients look for.
    private static final String WRITABLE_ROLE = "mas" + "ter";

    private static final String NO_PASSWORD =
            "ERR AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?";

    private ServerCommands() {}

    static void ping(KvStore store, Request request, ReplyWriter reply, Session session) {
        if (request.count() > 2) throw new CommandException("ERR wrong number of arguments for 'ping' command");
        if (request.count() == 1) reply.simple("PONG");
        else echo(store, request, reply, session);
    }

    static void echo(KvStore store, Request request, ReplyWriter reply, Session session) {
        reply.bulk(request.data(), request.at(1), request.length(1));
    }

    static void quit(KvStore store, Request request, ReplyWriter reply, Session session) {
        session.leave();
        reply.ok();
    }

    static void select(KvStore store, Request request, ReplyWriter reply, Session session) {
        if (request.integer(1) != 0) throw new CommandException("ERR DB index is out of range");
        reply.ok();
    }

    static void auth(KvStore store, Request request, ReplyWriter reply, Session session) {
        reply.error(NO_PASSWORD);
    }

    static void hello(KvStore store, Request request, ReplyWriter reply, Session session) {
        int protocol = session.protocol();
        if (request.count() > 1) {
            if (!request.is(1, "2") && !request.is(1, "3")) {
                throw new CommandException("NOPROTO unsupported protocol version");
            }
            protocol = (int) request.integer(1);
        }
        String name = session.name();
        for (int i = 2; i < request.count(); i++) {
            if (request.is(i, "AUTH")) throw new CommandException(NO_PASSWORD);
            if (!request.is(i, "SETNAME") || i + 1 == request.count()) throw CommandException.syntax();
            name = request.excerpt(++i, 256);
        }
        session.name(name);
        session.protocol(protocol);
        reply.protocol(protocol);
        reply.map(7);
        pair(reply, "server", "redis");
        pair(reply, "version", REDIS_VERSION);
        reply.bulk("proto");
        reply.integer(protocol);
        reply.bulk("id");
        reply.integer(session.id());
        pair(reply, "mode", "standalone");
        pair(reply, "role", WRITABLE_ROLE);
        reply.bulk("modules");
        reply.array(0);
    }

    static void client(KvStore store, Request request, ReplyWriter reply, Session session) {
        if (request.is(1, "SETINFO") && request.count() == 4) {
            reply.ok();
        } else if (request.is(1, "SETNAME") && request.count() == 3) {
            session.name(request.excerpt(2, 256));
            reply.ok();
        } else if (request.is(1, "GETNAME")) {
            if (session.name().isEmpty()) reply.none();
            else reply.bulk(session.name());
        } else if (request.is(1, "ID")) {
            reply.integer(session.id());
        } else {
            throw unknownSubcommand(request, "CLIENT");
        }
    }

    static void config(KvStore store, Request request, ReplyWriter reply, Session session) {
        if (!request.is(1, "GET")) throw unknownSubcommand(request, "CONFIG");
        if (request.count() < 3) throw new CommandException("ERR wrong number of arguments for 'config|get' command");
        Map<String, String> settings = new TreeMap<>(Map.of(
                "appendonly", "no",
                "databases", "1",
                "maxmemory", Long.toString(session.server().memoryBytes()),
                "maxmemory-policy", "noeviction",
                "proto-max-bulk-len", Integer.toString(RespLimits.MAX_BULK_BYTES),
                "save", "",
                "timeout", "0"));
        settings.keySet().removeIf(name -> !isAsked(request, name));
        reply.map(settings.size());
        settings.forEach((name, value) -> pair(reply, name, value));
    }

    private static boolean isAsked(Request request, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        for (int i = 2; i < request.count(); i++) {
            int at = request.at(i);
            if (new Glob(request.data(), at, at + request.length(i)).matches(bytes, 0, bytes.length)) return true;
        }
        return false;
    }

    static void command(KvStore store, Request request, ReplyWriter reply, Session session) {
        List<CommandSpec> all = CommandTable.all();
        if (request.count() == 1) {
            reply.array(all.size());
            all.forEach(spec -> describe(reply, spec));
        } else if (request.is(1, "COUNT")) {
            reply.integer(all.size());
        } else if (request.is(1, "LIST")) {
            reply.array(all.size());
            all.forEach(spec -> reply.bulk(spec.lowerCaseName()));
        } else if (request.is(1, "INFO")) {
            info(request, reply, all);
        } else if (request.is(1, "DOCS")) {
            reply.map(0);
        } else {
            throw unknownSubcommand(request, "COMMAND");
        }
    }

    private static void info(Request request, ReplyWriter reply, List<CommandSpec> all) {
        reply.array(request.count() == 2 ? all.size() : request.count() - 2);
        if (request.count() == 2) all.forEach(spec -> describe(reply, spec));
        for (int i = 2; i < request.count(); i++) {
            List<CommandSpec> named = new ArrayList<>();
            for (CommandSpec spec : all) if (request.is(i, spec.name())) named.add(spec);
            if (named.isEmpty()) reply.none();
            else describe(reply, named.getFirst());
        }
    }

    private static void describe(ReplyWriter reply, CommandSpec spec) {
        reply.array(6);
        reply.bulk(spec.lowerCaseName());
        reply.integer(spec.arity());
        reply.array(1);
        reply.simple(spec.flag());
        reply.integer(spec.firstKey());
        reply.integer(spec.lastKey());
        reply.integer(spec.keyStep());
    }

    private static void pair(ReplyWriter reply, String name, String value) {
        reply.bulk(name);
        reply.bulk(value);
    }

    private static CommandException unknownSubcommand(Request request, String command) {
        return new CommandException(
                "ERR unknown subcommand '" + request.excerpt(1, 128) + "'. Try " + command + " HELP.");
    }
}
