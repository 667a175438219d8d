# SPDX-License-Identifier: Apache-2.0
"""Where the picture of a loss or of a metric lies."""
import pathlib

FOLDER = pathlib.Path(__file__).parent.parent / "images/curves"

# Metrics that are the mean of a loss, by that loss, whose picture is theirs too.
MEANS_OF_LOSSES = {name: name for name in (
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "Hinge", "KLDivergence",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
)} | {"LogCoshError": "LogCosh"}


def picture_path(kind, name):
    if kind == "losses":
        return FOLDER / f"{name}.svg"
    if name in MEANS_OF_LOSSES:
        return FOLDER / f"{MEANS_OF_LOSSES[name]}.svg"
    return FOLDER / f"metrics/{name}.svg"
