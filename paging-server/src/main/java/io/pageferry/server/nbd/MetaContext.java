package io.pageferry.server.nbd;

import io.pageferry.nbd.MetaContexts;
import org.jspecify.annotations.Nullable;

/** The metadata contexts offered; the id is what the protocol calls them by. */
enum MetaContext {
    ALLOCATION(1, MetaContexts.BASE_ALLOCATION),
    WRITTEN_SINCE(2, MetaContexts.WRITTEN_SINCE);

    private final int id;
    private final String contextName;

    MetaContext(int id, String contextName) {
        this.id = id;
        this.contextName = contextName;
    }

    String contextName() {
        return contextName;
    }

    int id() {
        return id;
    }

    /** Whether a query names this context, or for a list its whole namespace ({@code base:}). */
    boolean matches(String query, boolean listing) {
        String namespace = contextName.substring(0, contextName.indexOf(':') + 1);
        return query.equals(contextName) || (listing && query.equals(namespace));
    }

    static @Nullable MetaContext selectedBy(String query) {
        for (MetaContext context : values()) {
            if (context.matches(query, false)) {
                return context;
            }
        }
        return null;
    }
}
