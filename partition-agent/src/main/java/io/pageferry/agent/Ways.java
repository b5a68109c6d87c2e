package io.pageferry.agent;

import io.pageferry.stream.StreamListener;

/**
 * The ways of pages that an agent has.
 *
 * @param choice between the agent and the paging spaces, where a migration does not say
 * @param streams where pages come straight from other agents
 */
record Ways(PathChoice choice, StreamListener streams) {}
