/** What the paging server counts about itself, cheap enough for its data path, and how Prometheus reads it. */
@NullMarked
package io.pageferry.server.metrics;

import org.jspecify.annotations.NullMarked;
