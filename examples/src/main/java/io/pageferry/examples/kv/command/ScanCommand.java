package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.resp.RespLimits;
import io.pageferry.examples.kv.store.KvStore;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** SCAN: some keys at a time; see {@link KvStore#scan} for what it promises. */
final class ScanCommand {
    private static final int USUAL_COUNT = 10;
    private static final int MAX_COUNT = 10_000;
    private static final int BUCKETS_PER_KEY = 10;

    private final KvStore store;
    private int count = USUAL_COUNT;
    private @Nullable Glob pattern;
    private boolean strings = true;
    private long[] found = new long[USUAL_COUNT * 2];
    private int foundCount;
    private long foundBytes;
    private byte[] key = new byte[64];

    private ScanCommand(KvStore store) {
        this.store = store;
    }

    static void scan(KvStore store, Request request, ReplyWriter reply, Session session) {
        long cursor = cursor(request);
        ScanCommand scan = new ScanCommand(store);
        scan.parse(request);
        long next = scan.run(cursor);
        reply.array(2);
        reply.bulk(Long.toString(next));
        reply.array(scan.foundCount);
        for (int i = 0; i < scan.foundCount; i++) {
            long record = scan.found[i];
            int position = reply.reserveBulk(store.keyBytes(record));
            store.readKey(record, reply.data(), position);
        }
    }

    private static long cursor(Request request) {
        try {
            return Long.parseUnsignedLong(request.text(1)) & 0xffff_ffffL;
        } catch (NumberFormatException notANumber) {
            throw new CommandException("ERR invalid cursor");
        }
    }

    private void parse(Request request) {
        for (int i = 2; i < request.count(); i += 2) {
            if (i + 1 == request.count()) throw CommandException.syntax();
            if (request.is(i, "COUNT")) {
                long asked = request.integer(i + 1);
                if (asked < 1) throw CommandException.syntax();
                count = (int) Math.min(asked, MAX_COUNT);
            } else if (request.is(i, "MATCH")) {
                int at = request.at(i + 1);
                pattern = new Glob(request.data(), at, at + request.length(i + 1));
            } else if (request.is(i, "TYPE")) {
                strings = request.is(i + 1, "STRING");
            } else {
                throw CommandException.syntax();
            }
        }
    }

    private long run(long cursor) {
        long next = cursor;
        int buckets = 0;
        do {
            next = store.scan(next, this::visit);
            buckets++;
        } while (next != 0
                && foundCount < count
                && buckets < count * BUCKETS_PER_KEY
                && foundBytes < RespLimits.MAX_REPLY_BYTES / 4);
        return next;
    }

    private void visit(long record) {
        if (!strings || store.isExpired(record)) return;
        int length = store.keyBytes(record);
        if (pattern != null) {
            if (key.length < length) key = new byte[length];
            store.readKey(record, key, 0);
            if (!pattern.matches(key, 0, length)) return;
        }
        if (foundCount == found.length) found = Arrays.copyOf(found, foundCount * 2);
        found[foundCount++] = record;
        foundBytes += length;
    }
}
