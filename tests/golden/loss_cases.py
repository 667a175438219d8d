"""Makes, checks and writes the cases of one loss."""

import inspect
from dataclasses import dataclass, field
from typing import Callable

import numpy as np

from cases import (
    DTYPES,
    LABEL_DTYPES,
    REDUCTIONS,
    Random,
    draw_weight,
    label_dtype,
    options_text,
    shape_text,
    tolerance,
    unique,
    weight_deck,
)
from formulas import CLIPS
from keras_check import require_close, run_loss
from reductions import align_weight, match_ranks, reduce_loss
from tensors import Tensor, compute_dtype, expected_to_json, tensor, tensor_to_json

SHAPES = [(4, 3), (2, 3), (5,), (2, 2, 3), (3, 2), (2, 2, 2, 2), (2, 3, 4), (2, 2), (1, 4)]


UNSET = object()


def inner_axes(shape):
    """The axis left at its default, or one that is neither the batch nor the last."""
    inner = list(range(1, len(shape) - 1))
    return [UNSET] * max(len(inner), 1) + inner


@dataclass
class View:
    """The same value asked of Keras in another way, or not at all.

    A case that has one gets the source "float64": with its own arguments,
    Keras lacks an option or gives another number.
    """

    why: str
    class_name: str | None = None
    config: dict | None = None
    t: Tensor | None = None
    p: Tensor | None = None


@dataclass
class LossSpec:
    name: str
    formula: Callable
    draw: Callable  # (random, shape, dtype, label dtype, options) -> (y_true, y_pred)
    options: list = field(default_factory=lambda: [{}])
    shapes: list = field(default_factory=lambda: SHAPES)
    labels: list = field(default_factory=lambda: LABEL_DTYPES)
    axes: Callable = lambda shape: [UNSET]
    trailing_labels: bool = True
    empty: bool = True
    count: int = 34
    extras: Callable = lambda cases, random: None
    # Where Keras differs on purpose: (config, t, p) -> View, or None.
    unlike_keras: Callable = lambda config, t, p: None
    # Values from a library other than Keras: (config, t, p) -> (source, values), or None.
    other: Callable = lambda config, t, p: None
    keras_rtol: float = 1e-9


class LossCases:
    def __init__(self, spec):
        self.spec = spec
        self.cases = []
        self.names = set()
        self.takes_clip = "clip" in inspect.signature(spec.formula).parameters

    def values(self, config, t, p, precision):
        options = {k: v for k, v in config.items() if k not in ("reduction", "dtype")}
        if self.takes_clip:
            options["clip"] = CLIPS[precision]
        values = self.spec.formula(t.data.astype(np.float64), p.data.astype(np.float64), **options)
        return values if isinstance(values, tuple) else (np.asarray(values), None)

    def add(self, name, config, t, p, weight=None):
        """One case: the reference, its checks, its JSON."""
        asked = config.get("dtype")
        result_dtype = asked or (p.dtype if "float" in p.dtype else "float32")
        precision = compute_dtype(result_dtype)
        rtol, atol = tolerance(result_dtype, precision)
        reduction = config.get("reduction", "sum_over_batch_size")
        w = None if weight is None else weight.data.astype(np.float64)

        expected = reduce_loss(*self.values(config, t, p, precision), w, reduction)
        source = self.check(name, config, t, p, weight, reduction)
        if source == "keras" and precision == "float32":
            single = run_loss(self.spec.name, config, t, p, weight, "float32")
            rounded = tensor(single, result_dtype).data
            what = f"{self.spec.name}, {name}: Keras in float32"
            require_close(what, rounded, expected, rtol, atol)

        self.cases.append(
            {
                "name": unique(name, self.names),
                "source": source,
                "config": config,
                "y_true": tensor_to_json(t),
                "y_pred": tensor_to_json(p),
                "sample_weight": tensor_to_json(weight),
                "expected": expected_to_json(expected),
                "rtol": rtol,
                "atol": atol,
            }
        )

    def check(self, name, config, t, p, weight, reduction):
        """Compares the formula with other libraries; gives the case's source."""
        what = f"{self.spec.name}, {name}"
        values, mask = self.values(config, t, p, "float64")
        other = self.spec.other(config, t, p)
        if other is not None:
            require_close(f"{what}: {other[0]}", other[1], values, 1e-9, 1e-12)
            return other[0]

        w = None if weight is None else weight.data.astype(np.float64)
        expected = reduce_loss(values, mask, w, reduction)
        view = self.spec.unlike_keras(config, t, p)
        if view is not None and view.class_name is None:
            return "float64"
        keras_weight = weight_for_keras(values, mask, weight, reduction)
        if view is not None:
            shared = {k: config[k] for k in ("reduction",) if k in config}
            arguments = view.class_name, {**view.config, **shared}, view.t or t, view.p or p
        else:
            arguments = self.spec.name, config, t, p
        actual = run_loss(*arguments, keras_weight)
        if view is None and keras_weight is weight:
            require_close(f"{what}: Keras", actual, expected, self.spec.keras_rtol, 1e-12)
            return "keras"
        actual = actual.reshape(expected.shape)
        require_close(f"{what}: Keras", actual, expected, self.spec.keras_rtol, 1e-12)
        return "float64"

    def sweep(self, random):
        """Random cases over every option, reduction, weight, shape and type."""
        spec = self.spec
        options_deck, shapes = random.deck(spec.options), random.deck(spec.shapes)
        dtypes, labels = random.deck(DTYPES), random.deck(spec.labels)
        reductions, weights = random.deck(REDUCTIONS), weight_deck(random)
        trailing = random.deck([False] * 5 + [True])
        weight_dtypes = random.deck(["float32"] * 5 + ["float64", "int64"])
        for _ in range(spec.count):
            shape, dtype = shapes.draw(), dtypes.draw()
            options = dict(options_deck.draw())
            choose_axis(options, spec.axes(shape), random)
            options = resolve(options, random, shape)
            t, p = spec.draw(random, shape, dtype, label_dtype(labels.draw(), dtype), options)
            has_trailing = spec.trailing_labels and len(shape) > 1 and trailing.draw()
            if has_trailing:
                t = t.expand_last()
            config, reduction = dict(options), reductions.draw()
            if reduction != "default":
                config["reduction"] = reduction
            values_shape = self.values(config, t, p, "float64")[0].shape
            kind = weights(values_shape)
            weight = draw_weight(random, kind, values_shape, weight_dtypes.draw())
            name = ", ".join(
                part
                for part in (
                    f"{shape_text(shape)} {dtype}",
                    f"labels {t.dtype}" + (" with trailing 1" if has_trailing else ""),
                    options_text(options),
                    f"weight {kind}" + ("" if weight is None else f" {weight.dtype}"),
                    reduction,
                )
                if part
            )
            self.add(name, config, t, p, weight)

    def corners(self, random):
        """Cases that every loss has."""
        spec = self.spec
        shape = next(s for s in spec.shapes if len(s) >= 2 and s[0] > 1)
        options = resolve(spec.options[0], random, shape)

        def draw(shape=shape, dtype="float32"):
            return spec.draw(random, shape, dtype, "int64", options)

        t, p = draw((1,) + shape[1:])
        values_shape = self.values(options, t, p, "float64")[0].shape
        kind = "per sample" if values_shape else "scalar"
        self.add("batch of one", options, t, p, draw_weight(random, kind, values_shape))
        t, p = draw()
        values_shape = self.values(options, t, p, "float64")[0].shape
        zeros = tensor(np.zeros(values_shape[:1]), "float32")
        for reduction in ("mean_with_sample_weight", "mean"):
            config = {**options, "reduction": reduction}
            self.add(f"all weights zero, {reduction}", config, t, p, zeros)
        t, p = draw()
        self.add("reduction null", {**options, "reduction": None}, t, p)
        t, p = draw()
        self.add("dtype float64 from float32 predictions", {**options, "dtype": "float64"}, t, p)
        if spec.empty:
            for rank in (2, 3):
                empty_shape = (0,) + ((2,) if rank == 3 else ()) + (3,)
                if rank not in {len(s) for s in spec.shapes}:
                    continue
                t, p = draw(empty_shape)
                for reduction in ("sum_over_batch_size", "none"):
                    config = {**options, "reduction": reduction}
                    self.add(f"empty batch, rank {rank}, {reduction}", config, t, p)


def choose_axis(options, choices, random):
    if "axis" not in options:
        chosen = choices[random.rng.integers(len(choices))]
        if chosen is not UNSET:
            options["axis"] = chosen


def resolve(options, random, shape):
    """Options with lists of one number a class filled in."""
    axis = options.get("axis", -1)
    classes = shape[axis] if isinstance(axis, int) else 0
    return {k: v(random, classes) if callable(v) else v for k, v in options.items()}


def weight_for_keras(values, mask, weight, reduction):
    """The weight itself where Keras reads it as we do, else spelt out in full.

    Keras 3 aligns a weight of lower rank with the trailing axes, where ours
    aligns with the leading ones, and it sums the weights before it broadcasts
    them: `mean_with_sample_weight` divides by another number. Beside a mask, it
    fails on a weight that has to be broadcast.
    """
    if weight is None:
        return None
    w = weight.data.astype(np.float64)
    ours = align_weight(values, w)
    theirs = match_ranks(values, w)
    full = np.broadcast_to(ours[1], ours[0].shape)
    try:
        same = np.array_equal(np.broadcast_to(theirs[1], theirs[0].shape), full)
    except ValueError:
        same = False
    needs_full = reduction == "mean_with_sample_weight" and values.ndim > 0
    if same and not (needs_full and theirs[1].shape != full.shape):
        if mask is None or w.shape == values.shape:
            return weight
    return Tensor(full.copy(), "float64")


def make(spec):
    random = Random("losses/" + spec.name)
    cases = LossCases(spec)
    cases.sweep(random)
    cases.corners(random)
    spec.extras(cases, random)
    return cases.cases
