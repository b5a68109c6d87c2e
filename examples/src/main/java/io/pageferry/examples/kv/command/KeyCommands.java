package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.store.Expiry;
import io.pageferry.examples.kv.store.KvStore;

/** Keys and when they expire. */
final class KeyCommands {
    private static final long NO_KEY = -2;
    private static final long NO_DEADLINE = -1;

    private KeyCommands() {}

    static void del(KvStore store, Request request, ReplyWriter reply, Session session) {
        int removed = 0;
        for (int i = 1; i < request.count(); i++) {
            if (request.length(i) <= KvStore.MAX_KEY_BYTES
                    && store.remove(request.data(), request.at(i), request.length(i))) {
                removed++;
            }
        }
        reply.integer(removed);
    }

    static void exists(KvStore store, Request request, ReplyWriter reply, Session session) {
        int found = 0;
        for (int i = 1; i < request.count(); i++) if (request.find(store, i) != 0) found++;
        reply.integer(found);
    }

    static void type(KvStore store, Request request, ReplyWriter reply, Session session) {
        reply.simple(request.find(store, 1) == 0 ? "none" : "string");
    }

    static void expire(KvStore store, Request request, ReplyWriter reply, Session session) {
        expireIn(store, request, reply, true);
    }

    static void pexpire(KvStore store, Request request, ReplyWriter reply, Session session) {
        expireIn(store, request, reply, false);
    }

    private static void expireIn(KvStore store, Request request, ReplyWriter reply, boolean seconds) {
        ExpireCondition condition = ExpireCondition.parse(request);
        long timeMs = Times.absoluteMs(request.integer(2), seconds, store.nowMs());
        if (timeMs == Times.OVERFLOW) {
            throw new CommandException("ERR invalid expire time in '" + (seconds ? "expire" : "pexpire") + "' command");
        }
        long record = request.find(store, 1);
        if (record == 0 || !condition.holds(store.deadlineMs(record), timeMs)) {
            reply.integer(0);
            return;
        }
        if (timeMs <= store.nowMs()) store.remove(request.data(), request.at(1), request.length(1));
        else store.applyExpiry(record, Expiry.at(timeMs));
        reply.integer(1);
    }

    static void persist(KvStore store, Request request, ReplyWriter reply, Session session) {
        long record = request.find(store, 1);
        boolean had = record != 0 && store.deadlineMs(record) != NO_DEADLINE;
        if (had) store.applyExpiry(record, Expiry.NONE);
        reply.integer(had ? 1 : 0);
    }

    static void ttl(KvStore store, Request request, ReplyWriter reply, Session session) {
        long leftMs = leftMs(store, request);
        reply.integer(leftMs < 0 ? leftMs : (leftMs + 500) / 1000);
    }

    static void pttl(KvStore store, Request request, ReplyWriter reply, Session session) {
        reply.integer(leftMs(store, request));
    }

    private static long leftMs(KvStore store, Request request) {
        long record = request.find(store, 1);
        if (record == 0) return NO_KEY;
        long deadlineMs = store.deadlineMs(record);
        return deadlineMs == NO_DEADLINE ? NO_DEADLINE : deadlineMs - store.nowMs();
    }

    static void dbsize(KvStore store, Request request, ReplyWriter reply, Session session) {
        reply.integer(store.recordCount());
    }

    static void flush(KvStore store, Request request, ReplyWriter reply, Session session) {
        boolean known = request.count() == 1 || request.is(1, "SYNC") || request.is(1, "ASYNC");
        if (!known || request.count() > 2) throw CommandException.syntax();
        store.clear();
        reply.ok();
    }
}
