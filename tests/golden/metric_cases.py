"""Makes, checks and writes the cases of one metric."""

import inspect
import math
from dataclasses import dataclass, field
from typing import Callable

import numpy as np

from cases import (
    DTYPES,
    LABEL_DTYPES,
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
from keras_check import require_close, run_metric
from loss_cases import SHAPES, UNSET, choose_axis, resolve
from reductions import broadcast_weight, safe_divide, weighted_mean_update
from tensors import Tensor, compute_dtype, expected_to_json, tensor, tensor_to_json


@dataclass
class MetricView:
    """The same result asked of Keras in another way, or (no updates) not at all."""

    why: str
    updates: list | None = None
    class_name: str | None = None
    config: dict | None = None


@dataclass
class MetricSpec:
    name: str
    result: Callable  # (config, [(t, p, w)], precision) -> array, or dict of arrays
    draw: Callable  # (random, shape, dtype, label dtype, options) -> (y_true, y_pred)
    weighted_shape: Callable  # (config, t, p) -> the shape that weights refer to
    options: list = field(default_factory=lambda: [{}])
    shapes: list = field(default_factory=lambda: SHAPES)
    labels: list = field(default_factory=lambda: LABEL_DTYPES)
    dtypes: list = field(default_factory=lambda: DTYPES)
    axes: Callable = lambda shape: [UNSET]
    fits: Callable = lambda options, shape: True  # whether options go with a shape
    trailing_labels: bool = False
    weight_kinds: Callable = lambda kind: True
    weight_dtypes: list = field(default_factory=lambda: ["float32"] * 5 + ["float64", "int64"])
    exact: bool = False  # counts: as exact from bfloat16 as from float32
    corners: tuple = ("one", "empty", "zero weights", "dtype")
    count: int = 34
    extras: Callable = lambda cases, random: None
    # Where Keras differs on purpose: (config, updates) -> MetricView, or None.
    unlike_keras: Callable = lambda config, updates: None
    # A result from a library other than Keras: (config, updates) -> (source, result), or None.
    other: Callable = lambda config, updates: None
    single: bool = True  # whether Keras in float32 comes near enough
    keras_rtol: float = 1e-9
    keras_atol: float = 1e-12


class MetricCases:
    def __init__(self, spec):
        self.spec = spec
        self.cases = []
        self.names = set()

    def result(self, config, updates, precision):
        arrays = [
            tuple(None if x is None else x.data.astype(np.float64) for x in update)
            for update in updates
        ]
        options = {k: v for k, v in config.items() if k != "dtype"}
        return self.spec.result(options, arrays, precision)

    def add(self, name, config, updates):
        """One case: the reference, its checks, its JSON."""
        p = updates[0][1] or updates[0][0]
        asked = config.get("dtype")
        precision = compute_dtype(p.dtype)
        rtol, atol = tolerance("float32" if self.spec.exact or asked else p.dtype)
        if asked == "float64" and p.dtype == "float64":
            rtol, atol = tolerance("float64", "float64")

        expected = self.result(config, updates, precision)
        source = self.check(name, config, updates)
        if self.spec.single and source == "keras" and precision == "float32":
            single = run_metric(self.spec.name, without_dtype(config), updates, "float32")
            what = f"{self.spec.name}, {name}: Keras in float32"
            require_close(what, single, expected, rtol, atol)

        keys = ("y_true", "y_pred", "sample_weight")
        self.cases.append(
            {
                "name": unique(name, self.names),
                "source": source,
                "config": config,
                "updates": [dict(zip(keys, map(tensor_to_json, update))) for update in updates],
                "expected": expected_to_json(expected),
                "rtol": rtol,
                "atol": atol,
            }
        )

    def check(self, name, config, updates):
        """Compares the formula with other libraries; gives the case's source."""
        what = f"{self.spec.name}, {name}"
        expected = self.result(config, updates, "float64")
        other = self.spec.other(config, updates)
        if other is not None:
            require_close(f"{what}: {other[0]}", other[1], expected, 1e-9, 1e-12)
            return other[0]
        view = self.spec.unlike_keras(config, updates)
        tolerances = self.spec.keras_rtol, self.spec.keras_atol
        if view is None:
            actual = run_metric(self.spec.name, without_dtype(config), updates)
            require_close(f"{what}: Keras", actual, expected, *tolerances)
            return "keras"
        if view.updates is not None:
            class_name = view.class_name or self.spec.name
            view_config = without_dtype(config) if view.config is None else view.config
            actual = run_metric(class_name, view_config, view.updates)
            require_close(f"{what}: Keras, another way", actual, expected, *tolerances)
        return "float64"

    def sweep(self, random):
        """Random cases over every option, weight, shape and type, in 1 to 3 updates."""
        spec = self.spec
        options_deck, shapes = random.deck(spec.options), random.deck(spec.shapes)
        dtypes, labels = random.deck(spec.dtypes), random.deck(spec.labels)
        weights, counts = weight_deck(random), random.deck([1, 2, 3, 2])
        trailing = random.deck([False] * 4 + [True])
        weight_dtypes = random.deck(spec.weight_dtypes)
        for _ in range(spec.count):
            dtype, label, options = dtypes.draw(), labels.draw(), dict(options_deck.draw())
            shape = shapes.draw(lambda shape: spec.fits(options, shape))
            choose_axis(options, spec.axes(shape), random)
            options = resolve(options, random, shape)
            has_trailing = spec.trailing_labels and len(shape) > 1 and trailing.draw()
            updates, kind, weight_dtype = [], None, weight_dtypes.draw()
            for number in range(counts.draw()):
                largest = max(1, min(4, 30 // math.prod(shape[1:])))
                batch = shape[0]
                if number and len(shape) > 1:
                    batch = int(random.rng.integers(1, largest + 1))
                now = (batch,) + shape[1:]
                t, p = spec.draw(random, now, dtype, label_dtype(label, dtype), options)
                if has_trailing:
                    t = t.expand_last()
                weighted = spec.weighted_shape(options, *arrays(t, p))
                kind = kind or weights(weighted, spec.weight_kinds)
                updates.append((t, p, draw_weight(random, kind, weighted, weight_dtype)))
            t, p, weight = updates[0]
            inputs = f"{shape_text(shape)} {dtype}"
            if p is not None:
                inputs += f", labels {t.dtype}" + (" with trailing 1" if has_trailing else "")
            name = ", ".join(
                part
                for part in (
                    inputs,
                    options_text(options),
                    f"weight {kind}" + ("" if weight is None else f" {weight.dtype}"),
                    f"{len(updates)} updates" if len(updates) > 1 else "1 update",
                )
                if part
            )
            self.add(name, options, updates)

    def add_corners(self, random):
        """Cases that every metric of a kind has."""
        spec = self.spec
        shape = next(s for s in spec.shapes if s[0] > 1 and (len(s) >= 2 or len(spec.shapes) == 1))
        options = resolve(spec.options[0], random, shape)

        def draw(batch, dtype="float32"):
            t, p = spec.draw(random, (batch,) + shape[1:], dtype, "int64", options)
            return t, p, None

        t, p, _ = draw(1)
        weighted = spec.weighted_shape(options, *arrays(t, p))
        if "one" in spec.corners:
            kind = "per sample" if spec.weight_kinds("per sample") else "none"
            self.add(
                "batch of one", options, [(t, p, draw_weight(random, kind, weighted, zeros=0))]
            )
        if "empty" in spec.corners:
            self.add("empty batch", options, [draw(0)])
            self.add("empty batch, then one that is not", options, [draw(0), draw(3)])
        if "zero weights" in spec.corners and spec.weight_kinds("per sample"):
            t, p, _ = draw(2)
            zeros = tensor(np.zeros(spec.weighted_shape(options, *arrays(t, p))[:1]), "float32")
            self.add("all weights zero", options, [(t, p, zeros)])
        if "dtype" in spec.corners:
            config = {**options, "dtype": "float64"}
            self.add("dtype float64 from float64", config, [draw(3, "float64"), draw(2, "float64")])


def arrays(*tensors):
    return [None if x is None else x.data.astype(np.float64) for x in tensors]


def without_dtype(config):
    return {k: v for k, v in config.items() if k != "dtype"}


# --- Metrics that are a mean of a function's values ---------------------------


def values_of(formula, config, t, p, precision):
    options = dict(config)
    if "clip" in inspect.signature(formula).parameters:
        options["clip"] = CLIPS[precision]
    values = formula(t, p, **options)
    return values if isinstance(values, tuple) else (np.asarray(values), None)


def mean_of(formula, finish=lambda mean: mean):
    """result() of a weighted mean of `formula`'s values, over all updates."""

    def result(config, updates, precision):
        total = count = 0.0
        for t, p, w in updates:
            values, mask = values_of(formula, config, t, p, precision)
            more, samples = weighted_mean_update(values, mask, w)
            total, count = total + more, count + samples
        return finish(safe_divide(total, count))

    return result


def shape_of(formula):
    return lambda config, t, p: values_of(formula, config, t, p, "float64")[0].shape


def mean_spec(name, formula, draw, finish=lambda mean: mean, **more):
    return MetricSpec(name, mean_of(formula, finish), draw, shape_of(formula), **more)


def full_weights(formula, config, updates):
    """Updates with a mask spelt out as weights, as Keras needs it.

    Without weights, Keras counts masked entries (and tf.keras does not); with
    weights of a lower rank it aligns them with the mask's trailing axes.
    """
    spelt = []
    for t, p, weight in updates:
        values, mask = values_of(formula, config, *arrays(t, p), "float64")
        w = np.ones(values.shape)
        if weight is not None:
            w = broadcast_weight(values, weight.data.astype(np.float64))
        spelt.append((t, p, Tensor(w.copy(), "float64")))
    return spelt


def make(spec):
    random = Random("metrics/" + spec.name)
    cases = MetricCases(spec)
    cases.sweep(random)
    cases.add_corners(random)
    spec.extras(cases, random)
    return cases.cases
