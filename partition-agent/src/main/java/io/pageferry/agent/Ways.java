package io.pageferry.agent;

import io.pageferry.stream.StreamListener;
import io.pageferry.stream.StreamedManifests;

/**
 * The ways of pages that an agent has.
 *
 * @param choice between the agent and the paging spaces, where a migration does not say
 * @param streams where pages come straight from other agents
 * @param manifests what has come by them outlives the agent here
 */
record Ways(PathChoice choice, StreamListener streams, StreamedManifests manifests) {}
