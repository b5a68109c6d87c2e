package io.pageferry.agent.control;

import tools.jackson.databind.JsonNode;

/**
 * What the server answered to a request that it carried out.
 *
 * @param status the HTTP status, 200 to 299
 * @param body exactly as it was received; empty where there is nothing to say
 * @param json the body, parsed; a missing node where it is empty
 */
public record Answer(int status, String body, JsonNode json) {}
