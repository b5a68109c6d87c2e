package io.pageferry.server.catalog;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Records as JSON. Fields that are not known are passed over, so that a later version may add some. */
final class RecordCodec {
    private static final JsonMapper JSON = JsonMapper.shared();

    private RecordCodec() {}

    static byte[] encode(SpaceRecord space) {
        ObjectNode node = JSON.createObjectNode();
        node.put("sizeBytes", space.sizeBytes());
        space.quotaBytes().ifPresent(quota -> node.put("quotaBytes", quota));
        node.put("createdMs", space.created().toEpochMilli());
        return JSON.writeValueAsBytes(node);
    }

    static SpaceRecord decodeSpace(String name, byte[] json) {
        JsonNode node = JSON.readTree(json);
        return new SpaceRecord(
                name,
                node.required("sizeBytes").asLong(),
                node.has("quotaBytes") ? OptionalLong.of(node.get("quotaBytes").asLong()) : OptionalLong.empty(),
                Instant.ofEpochMilli(node.required("createdMs").asLong()));
    }

    static byte[] encode(Lease lease) {
        ObjectNode node = JSON.createObjectNode();
        node.put("holder", lease.holder());
        node.put("token", lease.token());
        node.put("epoch", lease.epoch());
        node.put("expiresMs", lease.expires().toEpochMilli());
        return JSON.writeValueAsBytes(node);
    }

    static Lease decodeLease(String space, byte[] json) {
        JsonNode node = JSON.readTree(json);
        return new Lease(
                space,
                node.required("holder").asString(),
                node.required("token").asString(),
                node.required("epoch").asLong(),
                Instant.ofEpochMilli(node.required("expiresMs").asLong()));
    }

    static byte[] encode(long number) {
        return Long.toString(number).getBytes(StandardCharsets.UTF_8);
    }

    static long decodeNumber(byte[] json) {
        return Long.parseLong(new String(json, StandardCharsets.UTF_8));
    }
}
