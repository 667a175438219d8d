"""Random data for the cases: seeded decks of choices, exact grids, weights, names."""

import hashlib

import numpy as np

from tensors import FLOATS, tensor

REDUCTIONS = [
    "sum",
    "sum_over_batch_size",
    "mean",
    "mean_with_sample_weight",
    "none",
    "mean_with_sample_weight",
    "default",
]
DTYPES = ["float32"] * 6 + ["float64"] * 3 + ["bfloat16"] * 2 + ["float16"] * 2
LABEL_DTYPES = ["int64", "int32", "uint8", "float32", "like predictions"]
WEIGHT_KINDS = [
    "none",
    "scalar",
    "per sample",
    "full",
    "(1, ...)",
    "trailing 1",
    "column",
    "per step",
    "per sample",
    "full",
    "none",
]


def tolerance(dtype, computed="float32"):
    """(rtol, atol) for a result that was rounded to `dtype`."""
    return {
        "float64": (1e-9, 1e-12) if computed == "float64" else (1e-5, 1e-6),
        "float32": (1e-5, 1e-6),
        "float16": (2e-3, 1e-5),
        "bfloat16": (1e-2, 1e-5),
    }.get(dtype, (1e-5, 1e-6))


class Deck:
    """Choices dealt in shuffled order, each one as often as the others."""

    def __init__(self, rng, items):
        self.rng, self.items, self.hand = rng, list(items), []

    def draw(self, fits=lambda item: True):
        for _ in range(2):
            for position, index in enumerate(self.hand):
                if fits(self.items[index]):
                    del self.hand[position]
                    return self.items[index]
            self.hand += list(self.rng.permutation(len(self.items)))
        raise ValueError("no item of the deck fits")


class Random:
    """A generator seeded by a class's name, so that classes do not touch each other."""

    def __init__(self, name):
        seed = hashlib.sha256(name.encode()).digest()[:8]
        self.rng = np.random.default_rng(int.from_bytes(seed, "little"))

    def deck(self, items):
        return Deck(self.rng, items)

    def real(self, shape, dtype, low=-2.0, high=2.0):
        """Numbers that the dtype holds exactly and that stay short in the file.

        Single precision and below lie on a binary grid: products and sums of
        a few are exact, so that ties and thresholds do not depend on rounding.
        """
        values = self.rng.uniform(low, high, shape)
        if dtype == "float64":
            return np.round(values, 4)
        steps = 32 if dtype == "bfloat16" else 128
        return np.round(values * steps) / steps

    def integers(self, shape, low, high):
        return self.rng.integers(low, high, shape)

    def probabilities(self, shape, axis, dtype):
        """Rows of multiples of 1/256, none of them 0, that sum to 1 exactly."""
        classes = shape[axis]
        rows = shape[:axis] + shape[axis % len(shape) + 1 :] if axis >= 0 else shape[:-1]
        counts = np.empty(rows + (classes,))
        for index in np.ndindex(rows):
            weights = self.rng.dirichlet(np.ones(classes))
            counts[index] = 1 + self.rng.multinomial(256 - classes, weights)
        return tensor(np.moveaxis(counts / 256, -1, axis), dtype)

    def unit(self, shape, dtype, margin=4):
        """Single probabilities, inside (0, 1)."""
        return tensor(self.rng.integers(margin, 257 - margin, shape) / 256, dtype)

    def until(self, draw, fits, tries=2000):
        """Draws again until every entry keeps its distance from a kink or a tie."""
        for _ in range(tries):
            drawn = draw()
            if fits(drawn):
                return drawn
        raise ValueError("no draw fits")

    def away(self, draw, near):
        """Redraws single entries while `near(values)` marks them."""
        values = draw()
        for _ in range(1000):
            bad = near(values)
            if not bad.any():
                return values
            values = np.where(bad, draw(), values)
        raise ValueError("entries stay too near to a kink")


# --- Sample weights -----------------------------------------------------------


def weight_shape(kind, values_shape):
    """The shape of a weight of that kind, or None where there is no such kind."""
    rank = len(values_shape)
    if kind == "scalar":
        return ()
    if kind == "none" or rank == 0:
        return None
    shapes = {
        "per sample": values_shape[:1],
        "full": values_shape,
        "trailing 1": values_shape + (1,),
    }
    if rank >= 2:
        shapes["(1, ...)"] = (1,) + values_shape[1:]
        shapes["column"] = values_shape[:1] + (1,) * (rank - 1)
    if rank >= 3:
        shapes["per step"] = values_shape[:2]
    return shapes.get(kind)


def draw_weight(random, kind, values_shape, dtype="float32", zeros=0.2):
    """A weight tensor, with some zeros in it, or None."""
    shape = weight_shape(kind, values_shape)
    if shape is None:
        return None
    values = random.integers(shape, 1, 17) / 8
    if dtype in ("int64", "int32"):
        values = random.integers(shape, 1, 4)
    drop = random.rng.uniform(size=shape) < zeros
    if not drop.all() and shape != ():
        values = np.where(drop, 0, values)
    return tensor(values, dtype)


def weight_deck(random):
    deck = random.deck(WEIGHT_KINDS)
    return lambda shape, also=lambda kind: True: deck.draw(
        lambda kind: also(kind) and (kind == "none" or weight_shape(kind, shape) is not None)
    )


def label_dtype(choice, prediction_dtype):
    if choice != "like predictions":
        return choice
    return prediction_dtype if prediction_dtype in FLOATS else "float32"


# --- Names --------------------------------------------------------------------


def shape_text(shape):
    return "(" + ",".join(map(str, shape)) + ")"


def options_text(options):
    return ", ".join(f"{name}={value}" for name, value in options.items())


def unique(name, taken):
    candidate, copies = name, 1
    while candidate in taken:
        copies += 1
        candidate = f"{name} ({copies})"
    taken.add(candidate)
    return candidate
