package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.store.KvStore;
import io.pageferry.examples.kv.store.StoreFigures;
import java.util.LinkedHashMap;
import java.util.Map;

/** INFO: the fields that Redis' tools look for, and those of the store. */
final class InfoCommand {
    private static final long PAGE_BYTES = 4096;

    private InfoCommand() {}

    static void info(KvStore store, Request request, ReplyWriter reply, Session session) {
        StringBuilder text = new StringBuilder();
        sections(store.figures(), session.server()).forEach((name, fields) -> {
            if (isAsked(request, name))
                text.append("# ").append(name).append("\r\n").append(fields).append("\r\n");
        });
        reply.bulk(text.toString());
    }

    private static Map<String, String> sections(StoreFigures store, ServerFigures server) {
        long usedBytes = (store.dataPages() - store.freePages()) * PAGE_BYTES;
        Map<String, String> sections = new LinkedHashMap<>();
        sections.put(
                "Server",
                fields(
                        "redis_version", ServerCommands.REDIS_VERSION,
                        "redis_mode", "standalone",
                        "process_id", ProcessHandle.current().pid(),
                        "tcp_port", server.port(),
                        "uptime_in_seconds", server.uptimeSeconds(),
                        "partition", server.partition()));
        sections.put("Clients", fields("connected_clients", server.connectedClients()));
        sections.put(
                "Memory",
                fields(
                        "used_memory", usedBytes,
                        "maxmemory", server.memoryBytes(),
                        "maxmemory_policy", "noeviction",
                        "data_pages", store.dataPages(),
                        "free_pages", store.freePages(),
                        "free_pages_not_released", store.stalePages(),
                        "hash_buckets", store.bucketCount()));
        sections.put(
                "Stats",
                fields(
                        "total_connections_received", server.connectionsReceived(),
                        "total_commands_processed", server.commandsProcessed(),
                        "expired_keys", store.expiredRecords(),
                        "moved_records", store.movedRecords()));
        String keys = "keys=" + store.recordCount() + ",expires=" + store.deadlineCount() + ",avg_ttl=0";
        sections.put("Keyspace", store.recordCount() == 0 ? "" : fields("db0", keys));
        return sections;
    }

    private static boolean isAsked(Request request, String section) {
        if (request.count() == 1) return true;
        for (int i = 1; i < request.count(); i++) {
            String asked = request.text(i);
            if (asked.equalsIgnoreCase(section)
                    || asked.equalsIgnoreCase("all")
                    || asked.equalsIgnoreCase("default")
                    || asked.equalsIgnoreCase("everything")) {
                return true;
            }
        }
        return false;
    }

    private static String fields(Object... namesAndValues) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            text.append(namesAndValues[i])
                    .append(':')
                    .append(namesAndValues[i + 1])
                    .append("\r\n");
        }
        return text.toString();
    }
}
