package io.pageferry.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final Route LIST = Route.get("/v1/spaces", request -> Reply.noContent());
    private static final Route CREATE = Route.json("POST", "/v1/spaces", request -> Reply.noContent());
    private static final Route SHOW = Route.get("/v1/spaces/{name}", request -> Reply.noContent());

    private final Router router = new Router(List.of(() -> List.of(LIST, CREATE), () -> List.of(SHOW)));

    @Test
    void theMethodChoosesAmongRoutesOfOnePath() {
        assertThat(router.find("POST", "/v1/spaces").route()).isSameAs(CREATE);
        assertThat(router.find("GET", "/v1/spaces").route()).isSameAs(LIST);
    }

    @Test
    void aNamedSegmentIsDecodedAfterThePathIsSplit() {
        assertThat(router.find("GET", "/v1/spaces/a%2Fb+c%20d").variables()).isEqualTo(Map.of("name", "a/b+c d"));
    }

    @Test
    void anUnknownPathIs404AndTheHintListsTheRoutes() {
        for (String path : List.of("/", "/v1", "/v1/spaces/", "/v1/spaces/a/b", "/V1/spaces", "//v1/spaces")) {
            ApiException e = refusal("GET", path);
            assertThat(e.status()).as(path).isEqualTo(404);
            assertThat(e.hint()).contains("GET /v1/spaces, POST /v1/spaces, GET /v1/spaces/{name}");
        }
    }

    @Test
    void anotherMethodIs405AndAllowNamesThoseThatThereAre() {
        ApiException e = refusal("DELETE", "/v1/spaces");

        assertThat(e.status()).isEqualTo(405);
        assertThat(e.toReply().headers()).containsEntry("Allow", "GET, POST");
    }

    @Test
    void anErrorEchoesOnlyTheStartOfAnEndlessPath() {
        assertThat(refusal("GET", "/" + "x".repeat(100_000)).error()).hasSizeLessThan(300);
    }

    private ApiException refusal(String method, String path) {
        return catchThrowableOfType(ApiException.class, () -> router.find(method, path));
    }
}
