# SPDX-License-Identifier: Apache-2.0
"""Small pictures in SVG, for light and dark pages: lines over an axis, and a matrix of cells."""
import dataclasses
import html
import itertools

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 360, 210, 46, 14, 14, 40
COLOURS = ("c1", "c2", "c3")
LETTER, ROW = 7, 15  # about the size of the legend's text
LONGEST = 48  # letters that fit below the axis

HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="%s">
<style>
  .card {{ fill: #ffffff; }} .axis {{ stroke: #8a93a0; fill: none; }} text {{ font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #1b2330; }}
  .line {{ fill: none; stroke-width: 2; }} .c1 {{ stroke: #2563eb; }} .c2 {{ stroke: #c2410c; }} .c3 {{ stroke: #15803d; }}
  text.c1 {{ fill: #2563eb; stroke: none; }} text.c2 {{ fill: #c2410c; stroke: none; }} text.c3 {{ fill: #15803d; stroke: none; }}
%s  @media (prefers-color-scheme: dark) {{
    .card {{ fill: #14181f; }} text {{ fill: #e6eaf1; }} .c1 {{ stroke: #7cacff; }} .c2 {{ stroke: #ff9a62; }} .c3 {{ stroke: #63d08c; }}
    text.c1 {{ fill: #7cacff; }} text.c2 {{ fill: #ff9a62; }} text.c3 {{ fill: #63d08c; }}
%s  }}
</style>
<rect class="card" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
"""
BAND = "  .band { fill: #2563eb; opacity: 0.2; }\n", "    .band { fill: #7cacff; }\n"
CELL = "  .cell { fill: #2563eb; }\n", "    .cell { fill: #7cacff; }\n"


@dataclasses.dataclass
class Line:
    said: str
    points: list  # of (x, y)


def head(title, style=("", "")):
    return HEAD % (html.escape(title, quote=True), *style)


def text(x, y, said, more=""):
    return f'<text x="{x:g}" y="{y:g}"{more}>{html.escape(said)}</text>\n'


def legend_places(lines):
    """Middles of the first row: at the top, at the bottom, halfway; in the middle, right, left."""
    half = LETTER * max(len(line.said) for line in lines) / 2
    rows = ROW * (len(lines) - 1)
    middle = (LEFT + WIDTH - RIGHT) / 2
    for y in (TOP + 10, HEIGHT - BOTTOM - 8 - rows, (TOP + HEIGHT - BOTTOM - rows) / 2 + 4):
        for x in (middle, WIDTH - RIGHT - half, LEFT + 6 + half):
            yield (x, y), (x - half, y - 12, x + half, y + rows + 4)


def legend(lines, spots):
    """The names of the lines, where they cover least of them."""
    def covered(candidate):
        left, top, right, bottom = candidate[1]
        return sum(left < x < right and top < y < bottom for x, y in spots)

    (x, y), _ = min(legend_places(lines), key=covered)
    return [f'<text class="{colour}" x="{x:g}" y="{y + ROW * i:g}" text-anchor="middle">'
            f"{html.escape(line.said)}</text>\n"
            for i, (line, colour) in enumerate(zip(lines, COLOURS, strict=False))]


def between(points):
    """The points, and those halfway between neighbours."""
    halfway = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in itertools.pairwise(points)]
    return points + halfway


def chart(title, label, lines, band=None):
    """Lines over one axis; `band` is the area between two more."""
    if len(label) > LONGEST or len(lines) > len(COLOURS):
        raise ValueError(f"{title}: expected at most {LONGEST} letters and {len(COLOURS)} lines")
    drawn = [line.points for line in [*lines, *(band or ())]]
    xs = [x for points in drawn for x, _ in points]
    ys = [y for points in drawn for _, y in points]
    first, last, low, high = min(xs), max(xs), min(0.0, *ys), max(ys)

    def place(point):
        across = (WIDTH - LEFT - RIGHT) * (point[0] - first) / (last - first)
        up = (HEIGHT - TOP - BOTTOM) * (point[1] - low) / (high - low)
        return LEFT + across, HEIGHT - BOTTOM - up

    def written(points):
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, points))

    bottom, end = HEIGHT - BOTTOM, ' text-anchor="end"'
    parts = [head(title, BAND if band else ("", "")),
             f'<path class="axis" d="M{LEFT},{TOP}V{bottom}H{WIDTH - RIGHT}"/>\n',
             text(LEFT - 6, TOP + 8, f"{high:.3g}", end), text(LEFT - 6, bottom, f"{low:.3g}", end),
             text(LEFT, bottom + 15, f"{first:.3g}"),
             text(WIDTH - RIGHT, bottom + 15, f"{last:.3g}", end),
             text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, label, ' text-anchor="middle"')]
    if band:
        around = band[0].points + band[1].points[::-1]
        parts.append(f'<polygon class="band" points="{written(around)}"/>\n')
    for line, colour in zip(lines, COLOURS, strict=False):
        parts.append(f'<polyline class="line {colour}" points="{written(line.points)}"/>\n')
    if len(lines) > 1 or band:
        parts += legend(lines, [spot for points in drawn for spot in between(list(map(place, points)))])
    return "".join(parts) + "</svg>\n"


def cells(title, label, rows, names):
    """A matrix with a shade and a number in each cell; label and names stand beside it."""
    size, top = 46, 32
    left = (WIDTH - size * len(rows)) / 2
    most = max(max(row) for row in rows)
    parts = [head(title, CELL)]
    for i, (row, name) in enumerate(zip(rows, names, strict=True)):
        y, middle = top + size * i, size / 2
        parts.append(text(left - 8, y + middle + 4, name, ' text-anchor="end"'))
        parts.append(text(left + size * i + middle, top - 8, name, ' text-anchor="middle"'))
        for j, value in enumerate(row):
            x = left + size * j
            parts.append(f'<rect class="cell" x="{x:g}" y="{y}" width="{size - 2}" '
                         f'height="{size - 2}" opacity="{0.05 + 0.45 * value / most:.2f}"/>\n')
            parts.append(text(x + middle - 1, y + middle + 4, f"{value:g}", ' text-anchor="middle"'))
    parts.append(text(WIDTH / 2, HEIGHT - 8, label, ' text-anchor="middle"'))
    return "".join(parts) + "</svg>\n"
