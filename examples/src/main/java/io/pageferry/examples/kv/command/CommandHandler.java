package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.store.KvStore;

/** Does one command: exactly one reply, or an exception. */
@FunctionalInterface
interface CommandHandler {
    void run(KvStore store, Request request, ReplyWriter reply, Session session);
}
