/** A small HTTP and JSON layer over the JDK's server: routes, strict input, errors that say what to do; knows nothing of paging. */
@NullMarked
package io.pageferry.server.http;

import org.jspecify.annotations.NullMarked;
