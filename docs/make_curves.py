# SPDX-License-Identifier: Apache-2.0
"""Draws docs/images/curves: what each loss costs as one number of its prediction moves, computed by
the library itself.

    docs/make_curves.py [path/to/libassay.so] [--check]

With --check nothing is written; the exit code says whether the pictures are what they should be.
"""
import html
import json
import math
import pathlib
import re
import sys

import torch

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "images/curves"
POINTS = 80
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 360, 210, 46, 14, 14, 40
COLOURS = ("c1", "c2", "c3")

HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="%s">
<style>
  .card {{ fill: #ffffff; }} .axis {{ stroke: #8a93a0; fill: none; }} text {{ font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #1b2330; }}
  .line {{ fill: none; stroke-width: 2; }} .c1 {{ stroke: #2563eb; }} .c2 {{ stroke: #c2410c; }} .c3 {{ stroke: #15803d; }}
  text.c1 {{ fill: #2563eb; stroke: none; }} text.c2 {{ fill: #c2410c; stroke: none; }} text.c3 {{ fill: #15803d; stroke: none; }}
  @media (prefers-color-scheme: dark) {{
    .card {{ fill: #14181f; }} text {{ fill: #e6eaf1; }} .c1 {{ stroke: #7cacff; }} .c2 {{ stroke: #ff9a62; }} .c3 {{ stroke: #63d08c; }}
    text.c1 {{ fill: #7cacff; }} text.c2 {{ fill: #ff9a62; }} text.c3 {{ fill: #63d08c; }}
  }}
</style>
<rect class="card" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
"""


def number(x, label):
    """A label and a prediction of one number each."""
    return torch.tensor([[label]]), torch.tensor([[x]])


def classes(p, label):
    """A label of two classes, and their probabilities."""
    return torch.tensor([label]), torch.tensor([[p, 1 - p]])


def directions(angle):
    return torch.tensor([[1.0, 0.0]]), torch.tensor([[math.cos(angle), math.sin(angle)]])


def gaussian(x):
    return torch.tensor([[0.0]]), torch.tensor([[x, 0.0]])


def sequence(x):
    """One label in one step, whose logit is x beside the blank's 0."""
    return torch.tensor([[1]]), torch.tensor([[[0.0, x]]])


def similarities(angle):
    """Two embeddings of a class at an angle, and one of another class across."""
    points = [[1.0, 0.0], [math.cos(angle), math.sin(angle)], [0.0, -1.0]]
    return torch.tensor([0, 0, 1]), torch.tensor(points)


ERROR = ("prediction, where the label is 0", -3.0, 3.0, lambda x: number(x, 0.0))
ABOVE_ONE = ("prediction, where the label is 1", 0.0, 4.0, lambda x: number(x, 1.0))
MARGIN = ("prediction, where the label is 1", -2.0, 3.0, lambda x: number(x, 1.0))
CHANCE = ("probability of 1, where the label is 1", 0.005, 0.995, lambda x: number(x, 1.0))
DENSE = ("probability of the right class", 0.005, 0.995, lambda x: classes(x, [1.0, 0.0]))
SPARSE = ("probability of the right class", 0.005, 0.995, lambda x: classes(x, 0))
MASK = ("mask where it should be 1, with 0.5 where 0", 0.0, 1.0,
        lambda x: (torch.tensor([[1.0, 0.0]]), torch.tensor([[x, 0.5]])))
GAMMAS = [{"gamma": 0.0}, {"gamma": 2.0}, {"gamma": 5.0}]

# What moves, and the options of each line.
CURVES = {
    "BinaryCrossentropy": (CHANCE, [{}, {"label_smoothing": 0.2}, {"pos_weight": 2.0}]),
    "BinaryFocalCrossentropy": (CHANCE, GAMMAS),
    "CTC": (("logit of the label, where the blank's is 0", -4.0, 4.0, sequence), [{}]),
    "CategoricalCrossentropy": (DENSE, [{}, {"label_smoothing": 0.2}]),
    "CategoricalFocalCrossentropy": (DENSE, GAMMAS),
    "CategoricalGeneralizedCrossEntropy": (SPARSE, [{"q": 0.2}, {"q": 0.5}, {"q": 0.8}]),
    "CategoricalHinge": (("score of the right class, where the other's is 0", -2.0, 3.0,
                          lambda x: (torch.tensor([[1.0, 0.0]]), torch.tensor([[x, 0.0]]))), [{}]),
    "Circle": (("angle of two embeddings of one class", 0.0, math.pi, similarities),
               [{"gamma": 8.0}, {"gamma": 16.0}]),
    "CosineSimilarity": (("angle of label and prediction", 0.0, math.pi, directions), [{}]),
    "Dice": (MASK, [{}]),
    "GaussianNegativeLogLikelihood": (("mean, where the label is 0, the variance 1", -3.0, 3.0, gaussian), [{}]),
    "Hinge": (MARGIN, [{}]),
    "Huber": (ERROR, [{"delta": 0.5}, {"delta": 1.0}, {"delta": 2.0}]),
    "KLDivergence": (("probability of a class, where its label is 0.7", 0.02, 0.98,
                      lambda x: classes(x, [0.7, 0.3])), [{}]),
    "LogCosh": (ERROR, [{}]),
    "MeanAbsoluteError": (ERROR, [{}]),
    "MeanAbsolutePercentageError": (ABOVE_ONE, [{}]),
    "MeanSquaredError": (ERROR, [{}]),
    "MeanSquaredLogarithmicError": (ABOVE_ONE, [{}]),
    "Poisson": (("prediction, where the label is 1", 0.05, 4.0, ABOVE_ONE[3]), [{}]),
    "Quantile": (ERROR, [{"quantile": 0.1}, {"quantile": 0.5}, {"quantile": 0.9}]),
    "SparseCategoricalCrossentropy": (SPARSE, [{}, {"label_smoothing": 0.2}]),
    "SparseCategoricalFocalCrossentropy": (SPARSE, GAMMAS),
    "SquaredHinge": (MARGIN, [{}]),
    "Tversky": (MASK, [{"alpha": 0.5, "beta": 0.5}, {"alpha": 0.9, "beta": 0.1}]),
}


def picture(name):
    (label, first, last, example), lines = CURVES[name]
    xs = [first + (last - first) * i / (POINTS - 1) for i in range(POINTS)]
    values = []
    for options in lines:
        loss = torch.classes.assay.Loss(json.dumps({"class_name": name, "config": options}))
        values.append([float(loss.call(*example(x))) for x in xs])
    low = min(0.0, *(min(line) for line in values))
    high = max(max(line) for line in values)

    def place(x, y):
        across = (WIDTH - LEFT - RIGHT) * (x - first) / (last - first)
        up = (HEIGHT - TOP - BOTTOM) * (y - low) / (high - low)
        return f"{LEFT + across:.1f},{HEIGHT - BOTTOM - up:.1f}"

    bottom = HEIGHT - BOTTOM
    parts = [HEAD % html.escape(f"{name} by {label}", quote=True),
             f'<path class="axis" d="M{LEFT},{TOP}V{bottom}H{WIDTH - RIGHT}"/>\n',
             f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{high:.3g}</text>\n',
             f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">{low:.3g}</text>\n',
             f'<text x="{LEFT}" y="{bottom + 15}">{first:.3g}</text>\n',
             f'<text x="{WIDTH - RIGHT}" y="{bottom + 15}" text-anchor="end">{last:.3g}</text>\n',
             f'<text x="{(LEFT + WIDTH - RIGHT) / 2:g}" y="{HEIGHT - 8}" text-anchor="middle">'
             f"{html.escape(label)}</text>\n"]
    for i, (options, line) in enumerate(zip(lines, values, strict=True)):
        points = " ".join(place(x, y) for x, y in zip(xs, line, strict=True))
        parts.append(f'<polyline class="line {COLOURS[i]}" points="{points}"/>\n')
        said = ", ".join(f"{key} {value:g}" for key, value in options.items()) or "as it is"
        if len(lines) > 1:
            parts.append(f'<text class="{COLOURS[i]}" x="{(LEFT + WIDTH - RIGHT) / 2:g}" '
                         f'y="{TOP + 10 + 15 * i}" text-anchor="middle">{said}</text>\n')
    return "".join(parts) + "</svg>\n"


def same(one, other):
    """Equal but for the last digit of a coordinate, which may differ between processors."""
    numbers = r"-?\d+\.\d"
    return re.sub(numbers, "", one) == re.sub(numbers, "", other) and all(
        abs(float(a) - float(b)) < 0.25
        for a, b in zip(re.findall(numbers, one), re.findall(numbers, other), strict=True))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    torch.ops.load_library(arguments[0] if arguments else str(HERE.parent / "build/libassay.so"))
    missing = set(torch.ops.assay.loss_names()) - set(CURVES)
    if missing:
        print(f"docs/make_curves.py draws no curve of {', '.join(sorted(missing))}")
        return 1
    wrong = []
    for name in CURVES:
        path = FOLDER / f"{name}.svg"
        text = picture(name)
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or not same(path.read_text(encoding="utf-8"), text):
            wrong.append(path.name)
    if wrong:
        print(f"docs/make_curves.py draws other pictures: run it ({', '.join(wrong)})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
