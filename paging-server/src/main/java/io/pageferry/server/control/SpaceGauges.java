package io.pageferry.server.control;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** One gauge a space and figure. Spaces come and go, so the rows are made anew for each scrape. */
final class SpaceGauges {
    private final Spaces spaces;
    private final MultiGauge sizes;
    private final MultiGauge used;
    private final MultiGauge writtenPages;
    private final MultiGauge connections;

    SpaceGauges(Spaces spaces, MeterRegistry registry) {
        this.spaces = spaces;
        sizes = gauge("pageferry.space.size.bytes", "Size of a space", registry);
        used = gauge("pageferry.space.used.bytes", "What a space takes of the device", registry);
        writtenPages = gauge("pageferry.space.written.pages", "Pages of 4096 bytes that hold data", registry);
        connections = gauge("pageferry.space.connections", "NBD connections to a space", registry);
    }

    void refresh() {
        List<SpaceView> views = spaces.list();
        register(sizes, views, view -> OptionalLong.of(view.sizeBytes()));
        register(used, views, SpaceView::usedBytes);
        register(writtenPages, views, SpaceView::writtenPages);
        register(connections, views, view -> OptionalLong.of(view.connections()));
    }

    private static MultiGauge gauge(String name, String description, MeterRegistry registry) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    private static void register(MultiGauge gauge, List<SpaceView> views, Function<SpaceView, OptionalLong> figure) {
        gauge.register(
                views.stream()
                        .filter(view -> figure.apply(view).isPresent())
                        .map(view -> Row.of(
                                Tags.of("space", view.name()),
                                figure.apply(view).orElseThrow()))
                        .toList(),
                true);
    }
}
