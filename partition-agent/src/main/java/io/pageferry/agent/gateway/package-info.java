/** The gateway: holds the clients' connections, and redirects the workflow at the hand-over (US8984240B2). */
@NullMarked
package io.pageferry.agent.gateway;

import org.jspecify.annotations.NullMarked;
