package io.pageferry.examples.kv.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands by name. */
final class CommandTable {
    private static final List<CommandSpec> ALL = List.of(
            read("GET", 2, StringCommands::get),
            many("MGET", -2, "readonly", 1, StringCommands::mget),
            write("SET", -3, StringCommands::set),
            many("MSET", -3, "write", 2, StringCommands::mset),
            write("APPEND", 3, StringCommands::append),
            read("STRLEN", 2, StringCommands::strlen),
            write("INCR", 2, StringCommands::incr),
            write("DECR", 2, StringCommands::decr),
            write("INCRBY", 3, StringCommands::incrby),
            write("DECRBY", 3, StringCommands::decrby),
            many("DEL", -2, "write", 1, KeyCommands::del),
            many("UNLINK", -2, "write", 1, KeyCommands::del),
            many("EXISTS", -2, "readonly", 1, KeyCommands::exists),
            read("TYPE", 2, KeyCommands::type),
            write("EXPIRE", -3, KeyCommands::expire),
            write("PEXPIRE", -3, KeyCommands::pexpire),
            write("PERSIST", 2, KeyCommands::persist),
            read("TTL", 2, KeyCommands::ttl),
            read("PTTL", 2, KeyCommands::pttl),
            other("SCAN", -2, "readonly", ScanCommand::scan),
            other("DBSIZE", 1, "readonly", KeyCommands::dbsize),
            other("FLUSHALL", -1, "write", KeyCommands::flush),
            other("FLUSHDB", -1, "write", KeyCommands::flush),
            other("PING", -1, "fast", ServerCommands::ping),
            other("ECHO", 2, "fast", ServerCommands::echo),
            other("INFO", -1, "fast", InfoCommand::info),
            other("HELLO", -1, "fast", ServerCommands::hello),
            other("COMMAND", -1, "fast", ServerCommands::command),
            other("CONFIG", -2, "fast", ServerCommands::config),
            other("CLIENT", -2, "fast", ServerCommands::client),
            other("SELECT", 2, "fast", ServerCommands::select),
            other("AUTH", -2, "fast", ServerCommands::auth),
            other("QUIT", -1, "fast", ServerCommands::quit));

    private static final int SLOTS = 256;
    private static final @Nullable CommandSpec[] BY_HASH = new @Nullable CommandSpec[SLOTS];

    static {
        for (CommandSpec spec : ALL) {
            int hash = 0;
            for (int i = 0; i < spec.name().length(); i++)
                hash = hash * 31 + spec.name().charAt(i);
            int slot = slot(hash);
            while (BY_HASH[slot] != null) slot = (slot + 1) % SLOTS;
            BY_HASH[slot] = spec;
        }
    }

    private CommandTable() {}

    static List<CommandSpec> all() {
        return ALL;
    }

    /** The command that the first argument names; null if there is none. No object is made to find it. */
    static @Nullable CommandSpec find(Request request) {
        byte[] data = request.data();
        int at = request.at(0);
        int hash = 0;
        for (int i = 0; i < request.length(0); i++) hash = hash * 31 + Request.upperCase(data[at + i]);
        int slot = slot(hash);
        CommandSpec spec = BY_HASH[slot];
        while (spec != null && !request.is(0, spec.name())) {
            slot = (slot + 1) % SLOTS;
            spec = BY_HASH[slot];
        }
        return spec;
    }

    private static int slot(int hash) {
        return (hash ^ (hash >>> 16)) & (SLOTS - 1);
    }

    private static CommandSpec read(String name, int arity, CommandHandler handler) {
        return new CommandSpec(name, arity, "readonly", 1, 1, 1, handler);
    }

    private static CommandSpec write(String name, int arity, CommandHandler handler) {
        return new CommandSpec(name, arity, "write", 1, 1, 1, handler);
    }

    private static CommandSpec many(String name, int arity, String flag, int keyStep, CommandHandler handler) {
        return new CommandSpec(name, arity, flag, 1, -1, keyStep, handler);
    }

    private static CommandSpec other(String name, int arity, String flag, CommandHandler handler) {
        return new CommandSpec(name, arity, flag, 0, 0, 0, handler);
    }
}
