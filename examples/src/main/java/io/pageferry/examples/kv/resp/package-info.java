/** The Redis serialization protocol, RESP2 and RESP3, as a server reads and writes it: in arrays, with a limit on everything. */
@NullMarked
package io.pageferry.examples.kv.resp;

import org.jspecify.annotations.NullMarked;
