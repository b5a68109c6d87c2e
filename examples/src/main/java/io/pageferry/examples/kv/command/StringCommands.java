package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.Decimal;
import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.resp.RespLimits;
import io.pageferry.examples.kv.store.Expiry;
import io.pageferry.examples.kv.store.KvStore;
import io.pageferry.examples.kv.store.StoreFullException;
import java.util.OptionalLong;

/** Reading and writing values. */
final class StringCommands {
    private StringCommands() {}

    static void get(KvStore store, Request request, ReplyWriter reply, Session session) {
        value(store, request.find(store, 1), reply);
    }

    static void mget(KvStore store, Request request, ReplyWriter reply, Session session) {
        long bytes = 0;
        for (int i = 1; i < request.count(); i++) {
            long record = request.find(store, i);
            bytes += Decimal.MAX_BYTES + (record == 0 ? 0 : store.valueBytes(record));
        }
        if (bytes > RespLimits.MAX_REPLY_BYTES) {
            throw new CommandException("ERR the reply would be larger than " + RespLimits.MAX_REPLY_BYTES + " bytes");
        }
        reply.array(request.count() - 1);
        for (int i = 1; i < request.count(); i++) value(store, request.find(store, i), reply);
    }

    static void set(KvStore store, Request request, ReplyWriter reply, Session session) {
        request.checkKey(1);
        SetOptions options = SetOptions.parse(store.nowMs(), request);
        long old = options.needsOld() ? request.find(store, 1) : 0;
        boolean refused = (options.onlyIfAbsent() && old != 0) || (options.onlyIfPresent() && old == 0);
        // The old value is read before the new one is written over it.
        int begin = reply.sizeBytes();
        if (options.returnsOld()) value(store, old, reply);
        if (refused) {
            if (!options.returnsOld()) reply.none();
            return;
        }
        try {
            put(store, request, 1, 2, options.expiry());
        } catch (StoreFullException full) {
            reply.cutTo(begin);
            throw full;
        }
        if (!options.returnsOld()) reply.ok();
    }

    static void mset(KvStore store, Request request, ReplyWriter reply, Session session) {
        if (request.count() % 2 == 0) throw new CommandException("ERR wrong number of arguments for 'mset' command");
        for (int i = 1; i < request.count(); i += 2) request.checkKey(i);
        long[] records = prepare(store, request);
        for (int i = 1; i < request.count(); i += 2) {
            store.link(records[i / 2], request.data(), request.at(i), request.length(i), Expiry.NONE);
        }
        reply.ok();
    }

    /** Writes all records before any is found, so that a full store changes nothing. */
    private static long[] prepare(KvStore store, Request request) {
        long[] records = new long[request.count() / 2];
        int prepared = 0;
        try {
            for (; prepared < records.length; prepared++) {
                int key = 1 + 2 * prepared;
                records[prepared] = store.prepare(
                        request.data(),
                        request.at(key),
                        request.length(key),
                        request.data(),
                        request.at(key + 1),
                        request.length(key + 1));
            }
        } catch (StoreFullException full) {
            for (int i = 0; i < prepared; i++) store.discard(records[i]);
            throw full;
        }
        return records;
    }

    static void append(KvStore store, Request request, ReplyWriter reply, Session session) {
        request.checkKey(1);
        long record = request.find(store, 1);
        if (record == 0) {
            put(store, request, 1, 2, Expiry.NONE);
            reply.integer(request.length(2));
            return;
        }
        if (store.valueBytes(record) + request.length(2) > KvStore.MAX_VALUE_BYTES) {
            throw new CommandException("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
        }
        reply.integer(store.append(record, request.data(), request.at(2), request.length(2)));
    }

    static void strlen(KvStore store, Request request, ReplyWriter reply, Session session) {
        long record = request.find(store, 1);
        reply.integer(record == 0 ? 0 : store.valueBytes(record));
    }

    static void incr(KvStore store, Request request, ReplyWriter reply, Session session) {
        add(store, request, reply, 1);
    }

    static void decr(KvStore store, Request request, ReplyWriter reply, Session session) {
        add(store, request, reply, -1);
    }

    static void incrby(KvStore store, Request request, ReplyWriter reply, Session session) {
        add(store, request, reply, request.integer(2));
    }

    static void decrby(KvStore store, Request request, ReplyWriter reply, Session session) {
        long decrement = request.integer(2);
        if (decrement == Long.MIN_VALUE) throw new CommandException("ERR decrement would overflow");
        add(store, request, reply, -decrement);
    }

    private static void add(KvStore store, Request request, ReplyWriter reply, long increment) {
        request.checkKey(1);
        long before = number(store, request.find(store, 1));
        long after = before + increment;
        if (((before ^ after) & (increment ^ after)) < 0) {
            throw new CommandException("ERR increment or decrement would overflow");
        }
        byte[] digits = new byte[Decimal.MAX_BYTES];
        int length = Decimal.write(after, digits, 0);
        store.put(request.data(), request.at(1), request.length(1), digits, 0, length, Expiry.KEEP);
        reply.integer(after);
    }

    private static long number(KvStore store, long record) {
        if (record == 0) return 0;
        int length = store.valueBytes(record);
        if (length > Decimal.MAX_BYTES) throw CommandException.notAnInteger();
        byte[] digits = new byte[length];
        store.readValue(record, digits, 0);
        OptionalLong value = Decimal.read(digits, 0, length);
        if (value.isEmpty()) throw CommandException.notAnInteger();
        return value.getAsLong();
    }

    private static void put(KvStore store, Request request, int key, int value, Expiry expiry) {
        store.put(
                request.data(),
                request.at(key),
                request.length(key),
                request.data(),
                request.at(value),
                request.length(value),
                expiry);
    }

    private static void value(KvStore store, long record, ReplyWriter reply) {
        if (record == 0) {
            reply.none();
            return;
        }
        int position = reply.reserveBulk(store.valueBytes(record));
        store.readValue(record, reply.data(), position);
    }
}
