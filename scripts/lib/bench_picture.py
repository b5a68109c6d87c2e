"""Pictures (SVG) of migrations: of each way both sides' steps in time, for bench.sh."""
from xml.sax.saxutils import escape

# Two adjacent steps of a side never look alike; steps that matter most have the strongest colours.
COLOURS = {
    "setup": "#bab0ac", "first-pass": "#4477aa", "refresh": "#88ccee", "verify": "#ddcc77", "put-off": "#aa4499",
    "quiesce": "#661100", "last-pages": "#ee8866", "manifest": "#999933", "flush": "#44aa99", "commit": "#332288", "committed": "#cc6677",
    "departed": "#d9c8e8", "evicted": "#777777", "prefetch": "#117733", "verified": "#a5d6a7", "compare": "#e69f00",
    "target-owns": "#8d6e63", "resume": "#000000", "resumed": "#f3e5ab", "fill": "#0099cc", "resident": "#7b68ee", "switch": "#ff77aa",
    "swept": "#556b2f", "fall-back-to-nbd": "#ff0000", "taken-up": "#c0c000", "resume-source": "#ffcc00",
}
QEMU, DOWNTIME, UNKNOWN = "#bbbbbb", "#cc0000", "#ff00ff"
WIDTH, LEFT, RIGHT, TOP = 1000, 150, 20, 40
BAR, GAP = 13, 14


def of(steps, side):
    """One side's steps, in time."""
    return [step for step in steps if step["side"] == side]


def downtime(steps):
    """From the source's rest to the target's resume, in ms from the first step; None if either is missing."""
    wanted = (("source", "quiesce"), ("target", "resumed"))
    ends = [[step["at-ns"] for step in of(steps, side) if step["step"] == name] for side, name in wanted]
    return tuple((end[-1] - steps[0]["at-ns"]) / 1e6 for end in ends) if all(ends) else None


def lane(name, steps):
    """A way of ours: spans of both sides as (name, from, to) in ms, each up to the side's next step; its last step is its end."""
    sides = {}
    for side in ("source", "target"):
        at = [(step["step"], (step["at-ns"] - steps[0]["at-ns"]) / 1e6) for step in of(steps, side)]
        sides[side] = [(step, begin, end) for (step, begin), (_, end) in zip(at, at[1:])]
    return {"name": name, "sides": sides, "downtime": downtime(steps)}


def lanes(case):
    """What there is to draw: ways of ours, then the others as one bar each; of each the migration whose total is the median."""
    timelines = case.timelines()
    drawn = [lane(way, steps) for way, steps in timelines.items()]
    for way, rounds in case.found.items():
        if rounds and way not in timelines:
            one = sorted(rounds, key=lambda found: found["total-ms"])[(len(rounds) - 1) // 2]
            total = one["total-ms"]
            drawn.append({"name": way, "sides": {"": [("QEMU", 0, total)]}, "downtime": (total - one["downtime-ms"], total)})
    return drawn


def tick_ms(longest):
    """How far apart the axis is marked: 1, 2 or 5 of a power of ten, 10 marks at most."""
    return next(step * 10**power for power in range(7) for step in (1, 2, 5) if longest / (step * 10**power) <= 10)


class Picture:
    """What is drawn so far."""

    def __init__(self, longest):
        self.longest, self.parts, self.y = longest, [], TOP

    def x(self, ms):
        """Where a moment is."""
        return LEFT + ms / self.longest * (WIDTH - LEFT - RIGHT)

    def text(self, x, y, words, more=""):
        """Words, from x on."""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(words)}</text>')

    def bar(self, begin, end, y, colour, height=BAR, words=""):
        """A span of time, with words that show where the mouse is over it."""
        width = max(0.8, self.x(end) - self.x(begin))
        title = f"<title>{escape(words)}</title>" if words else ""
        self.parts.append(f'<rect x="{self.x(begin):.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" fill="{colour}">{title}</rect>')

    def lane(self, one):
        """Both sides of a way, and its downtime below them."""
        self.text(8, self.y + BAR - 2, one["name"], 'font-weight="bold"')
        for side, spans in one["sides"].items():
            self.text(LEFT - 8, self.y + BAR - 2, side, 'text-anchor="end" fill="#555555"')
            for step, begin, end in spans:
                colour = QEMU if step == "QEMU" else COLOURS.get(step, UNKNOWN)
                self.bar(begin, end, self.y, colour, words=f"{one['name']} {side} {step}: {begin:.1f} to {end:.1f} ms")
            self.y += BAR + 2
        if one["downtime"]:
            begin, end = one["downtime"]
            self.bar(begin, end, self.y, DOWNTIME, 5, f"{one['name']} downtime: {end - begin:.1f} ms")
            at, anchor = (self.x(end) + 4, "start") if self.x(end) < WIDTH - RIGHT - 30 else (self.x(begin) - 4, "end")
            self.text(at, self.y + 7, f"{end - begin:.0f} ms", f'font-size="9" fill="{DOWNTIME}" text-anchor="{anchor}"')
        self.y += GAP

    def axis(self):
        """Time, below all lanes, with lines through them."""
        step, at = tick_ms(self.longest), 0
        lines = []
        while at <= self.longest:
            lines.append(f'<line x1="{self.x(at):.1f}" y1="{TOP - 6}" x2="{self.x(at):.1f}" y2="{self.y}" stroke="#dddddd"/>')
            self.text(self.x(at), self.y + 13, f"{at} ms", 'text-anchor="middle" fill="#555555"')
            at += step
        self.parts[:0] = lines
        self.y += 32

    def legend(self, drawn):
        """The steps that are long enough to be seen, in the order of COLOURS."""
        spans = [span for one in drawn for side in one["sides"].values() for span in side]
        seen = {step for step, begin, end in spans if self.x(end) - self.x(begin) >= 0.8}
        entries = [(step, colour) for step, colour in COLOURS.items() if step in seen]
        entries += [(step, UNKNOWN) for step in sorted(seen - COLOURS.keys() - {"QEMU"})]
        entries += [("QEMU", QEMU)] if "QEMU" in seen else []
        x = LEFT
        for words, colour in [*entries, ("downtime", DOWNTIME)]:
            span = 26 + 6.5 * len(words)
            if x + span > WIDTH - RIGHT:
                x, self.y = LEFT, self.y + 18
            self.parts.append(f'<rect x="{x:.1f}" y="{self.y - 9:.1f}" width="11" height="11" fill="{colour}"/>')
            self.text(x + 15, self.y, words)
            x += span
        self.y += 14


def draw(case):
    """The picture of a case."""
    drawn = lanes(case)
    picture = Picture(max(end for one in drawn for side in one["sides"].values() for _, _, end in side))
    for one in drawn:
        picture.lane(one)
    picture.axis()
    picture.legend(drawn)
    picture.text(8, 18, f"{case.name()}: of each way the migration whose total is the median", 'font-size="13"')
    size = f'width="{WIDTH}" height="{picture.y:.0f}" viewBox="0 0 {WIDTH} {picture.y:.0f}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
                      '<rect width="100%" height="100%" fill="white"/>', *picture.parts, "</svg>", ""])
