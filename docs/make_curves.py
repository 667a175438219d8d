# SPDX-License-Identifier: Apache-2.0
"""Draws docs/images/curves, from what the library itself computes: each loss (curves/losses.py) and
each metric (curves/metrics.py).

    docs/make_curves.py [path/to/libassay.so] [--check]

With --check nothing is written; the exit code says whether the pictures are what they should be.
"""
import pathlib
import re
import sys

import torch

from curves import losses, metrics
from curves.places import FOLDER, MEANS_OF_LOSSES, picture_path

HERE = pathlib.Path(__file__).parent


def pictures():
    """The path and the text of each picture."""
    yield from ((picture_path("losses", name), losses.picture(name)) for name in losses.CURVES)
    yield from ((picture_path("metrics", name), draw(name)) for name, draw in metrics.PICTURES.items())


def without_picture():
    return sorted({*torch.ops.assay.loss_names()} - {*losses.CURVES} |
                  {*torch.ops.assay.metric_names()} - {*metrics.PICTURES, *MEANS_OF_LOSSES})


def same(one, other):
    """Equal but for the last digit of a coordinate, which may differ between processors."""
    numbers = r"-?\d+\.\d"
    return re.sub(numbers, "", one) == re.sub(numbers, "", other) and all(
        abs(float(a) - float(b)) < 0.25
        for a, b in zip(re.findall(numbers, one), re.findall(numbers, other), strict=True))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    torch.ops.load_library(arguments[0] if arguments else str(HERE.parent / "build/libassay.so"))
    if missing := without_picture():
        print(f"docs/make_curves.py draws no picture of {', '.join(missing)}")
        return 1
    drawn = dict(pictures())
    if "--check" not in sys.argv[1:]:
        for path, text in drawn.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return 0
    wrong = [path.name for path, text in drawn.items()
             if not path.exists() or not same(path.read_text(encoding="utf-8"), text)]
    wrong += [path.name for path in sorted(FOLDER.rglob("*.svg")) if path not in drawn]
    if wrong:
        print(f"docs/make_curves.py draws other pictures: run it ({', '.join(wrong)})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
