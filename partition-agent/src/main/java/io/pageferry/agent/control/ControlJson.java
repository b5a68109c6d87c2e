package io.pageferry.agent.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.pageferry.agent.control.ControlException.Refused;
import io.pageferry.agent.control.ControlException.Unreachable;
import java.net.URI;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** JSON as the control API speaks it: names in kebab-case, what does not apply is absent. */
final class ControlJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .build();

    private ControlJson() {}

    static String write(Object body) {
        return MAPPER.writeValueAsString(body);
    }

    /** Throws Unreachable where the body is no JSON: whoever listens there is not a paging server. */
    static JsonNode read(String body, URI server) {
        try {
            return body.isEmpty() ? MissingNode.getInstance() : MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw new Unreachable("what listens at " + server + " is not a paging server: it answers no JSON", false);
        }
    }

    static ControlException refused(int status, String body, URI server) {
        try {
            JsonNode json = MAPPER.readTree(body);
            if (json.path("error").isString()) {
                return new Refused(
                        status,
                        json.get("error").stringValue(),
                        json.path("hint").asString(""));
            }
        } catch (JacksonException e) {
            // Falls through: the body says nothing that could be shown.
        }
        return new Unreachable(
                "what listens at " + server + " is not a paging server: it answers status " + status, false);
    }
}
