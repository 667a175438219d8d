"""Metrics around another metric, which Keras is asked for piece by piece."""

import math

import numpy as np

import curves
import formulas
import metric_formulas as values
from draws import claims, regression, untied_sparse, untied_unit
from keras_check import run_metric
from metric_cases import MetricSpec, MetricView, mean_of, shape_of
from reductions import broadcast_weight
from tensors import Tensor, f32, i64, tensor

# What is wrapped: result() of the formula, by Keras's name.
INNER = {
    "MeanSquaredError": mean_of(formulas.mean_squared_error),
    "Recall": curves.quotient(3),
    "Precision": curves.quotient(1),
    "FalsePositives": curves.condition_count(1),
    "AUC": curves.auc,
    "SparseCategoricalAccuracy": mean_of(values.sparse_categorical_accuracy),
}


def inner_of(config):
    metric = config["metric"]
    return (metric, {}) if isinstance(metric, str) else (metric["class_name"], metric["config"])


def inner_result(config, updates, precision):
    name, options = inner_of(config)
    return INNER[name](options, updates, precision)


def by_keras(pieces):
    """Keras's results for each list of updates that `pieces` makes, stacked."""

    def other(config, updates):
        name, options = inner_of(config)
        found = pieces(config, updates)
        if any(not seen or not any(p.data.size for _, p, _ in seen) for seen in found):
            return None
        return "float64", np.stack([run_metric(name, options, seen) for seen in found])

    return other


def not_in_keras(config, updates):
    return MetricView("Keras has no such metric")


def doubles(x):
    return None if x is None else Tensor(np.asarray(x, np.float64), "float64")


def data(x):
    return None if x is None else x.data.astype(np.float64)


AUC = {"class_name": "AUC", "config": {"num_thresholds": 11}}
RECALLS = {"class_name": "Recall", "config": {"thresholds": [0.25, 0.6]}}


# --- PerClass -----------------------------------------------------------------


def class_views(config, updates):
    """Updates as each class's metric sees them: float64 arrays."""
    views = []
    for c in range(config["num_classes"]):
        seen = []
        for t, p, w in updates:
            if config.get("mode") == "by_label":
                labels = t[..., 0] if t.ndim == p.ndim else t
                weight = np.ones(labels.shape) if w is None else broadcast_weight(labels, w)
                seen.append((labels, p, np.where(labels == c, weight, 0.0)))
                continue
            label = t[..., c, None] if t.shape == p.shape else (t == c)[..., None].astype(float)
            part = w[..., c, None] if w is not None and w.shape == p.shape else w
            score = p[..., c, None]
            full = np.ones(score.shape) if part is None else broadcast_weight(score, part)
            seen.append((label, score, full))
        views.append(seen)
    return views


def per_class(config, updates, precision):
    views = class_views(config, updates)
    return np.stack([inner_result(config, seen, precision) for seen in views])


def class_pieces(config, updates):
    views = class_views(config, [tuple(map(data, update)) for update in updates])
    return [[tuple(map(doubles, update)) for update in seen] for seen in views]


def class_scores(random, shape, dtype, label, options):
    if options.get("mode") == "by_label":
        return untied_sparse(random, shape, dtype, label, options)
    p = untied_unit(random, shape, dtype)
    if options["metric"] == "FalsePositives":  # several labels may be true
        return tensor(random.integers(shape, 0, 2), label), p
    return tensor(random.integers(shape[:-1], 0, shape[-1]), label), p


def per_class_corners(cases, random):
    t, p = i64([0, 0, 2]), f32([[0.75, 0.5, 0.25], [0.25, 0.75, 0.5], [0.25, 0.5, 0.75]])
    for metric in ("Recall", "Precision"):
        config = {"metric": metric, "num_classes": 3}
        cases.add(f"a class that never occurs, {metric}", config, [(t, p, None)])
    names = {"metric": "Recall", "num_classes": 3, "class_names": ["cat", "dog", "hen"]}
    cases.add("classes with names", names, [(t, p, None)])


def classes(random, number):
    return number


PER_CLASS = MetricSpec(
    "PerClass",
    per_class,
    class_scores,
    lambda config, t, p: p.shape[:-1],
    options=[
        {"metric": "Recall", "num_classes": classes},
        {"metric": "Precision", "num_classes": classes, "mode": "one_vs_rest"},
        {"metric": "FalsePositives", "num_classes": classes},
        {"metric": AUC, "num_classes": classes},
        {"metric": RECALLS, "num_classes": classes},
        {"metric": "SparseCategoricalAccuracy", "num_classes": classes, "mode": "by_label"},
    ],
    shapes=[(4, 3), (5, 2), (6, 4), (3, 5)],
    weight_kinds=lambda kind: kind in ("none", "per sample"),
    exact=True,
    corners=("one", "empty", "zero weights", "dtype"),
    extras=per_class_corners,
    unlike_keras=not_in_keras,
    other=by_keras(class_pieces),
)


# --- SlidingWindow ------------------------------------------------------------


def last_updates(config, updates):
    return updates[-config["window"] :]


def binary_or_numbers(random, shape, dtype, label, options):
    if options["metric"] == "MeanSquaredError":
        return regression()(random, shape, dtype, label, options)
    return claims(random, shape, dtype, label, {})


def inner_shape(config, t, p):
    if config["metric"] == "MeanSquaredError":
        return shape_of(formulas.mean_squared_error)({}, t, p)
    return p.shape


def window_corners(cases, random):
    updates = [(f32([[x, 0]]), f32([[0, 0]]), None) for x in (8, 1, 2, 3)]
    for window in (1, 2, 3, 4, 9):
        config = {"metric": "MeanSquaredError", "window": window}
        cases.add(f"the last {window} of four updates", config, updates)


def window_by_keras(config, updates):
    source = by_keras(lambda config, updates: [last_updates(config, updates)])(config, updates)
    return source and (source[0], source[1][0])


SLIDING_WINDOW = MetricSpec(
    "SlidingWindow",
    lambda config, updates, precision: inner_result(
        config, last_updates(config, updates), precision
    ),
    binary_or_numbers,
    inner_shape,
    options=[
        {"metric": "MeanSquaredError", "window": 2},
        {"metric": "Recall", "window": 2},
        {"metric": AUC, "window": 1},
        {"metric": RECALLS, "window": 3},
    ],
    shapes=[(4, 3), (5, 2), (3, 4)],
    weight_kinds=lambda kind: kind in ("none", "per sample"),
    corners=("one", "zero weights", "dtype"),
    extras=window_corners,
    unlike_keras=not_in_keras,
    other=window_by_keras,
)


# --- BootstrapInterval --------------------------------------------------------


def split_mix(x):
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    mask = (1 << 64) - 1
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return x ^ (x >> 31)


def poisson_draw(seed, resamples, place, resample):
    """Of the sample at a place in the stream: inversion of a uniform number of 53 bits."""
    mask = (1 << 64) - 1
    counter = ((place * resamples + resample + 1) * 0x9E3779B97F4A7C15 + split_mix(seed)) & mask
    uniform = (split_mix(counter) >> 11) / 2**53
    draw, probability = 0, math.exp(-1)
    total = probability
    while uniform >= total:
        draw += 1
        probability /= draw
        total += probability
    return draw


def resampled(config, updates):
    """For each resample the updates, weighted by its draws: float64 arrays."""
    found = []
    for resample in range(config["resamples"]):
        seen, place = [], 0
        for t, p, w in updates:
            places = range(place, place + len(p))
            place += len(p)
            draws = [
                poisson_draw(config.get("seed", 0), config["resamples"], k, resample)
                for k in places
            ]
            weight = np.array(draws, np.float64).reshape((-1,) + (1,) * (0 if w is None else w.ndim - 1))
            seen.append((t, p, weight if w is None else weight * w))
        found.append(seen)
    return found


def interval(config, results):
    outside = (1 - config.get("confidence", 0.95)) / 2
    ends = np.quantile(results, [outside, 1 - outside], axis=0)
    return np.concatenate([results.mean(axis=0, keepdims=True), ends])


def bootstrap(config, updates, precision):
    results = [inner_result(config, seen, precision) for seen in resampled(config, updates)]
    return interval(config, np.stack(results))


def resampled_pieces(config, updates):
    found = resampled(config, [tuple(map(data, update)) for update in updates])
    return [[tuple(map(doubles, update)) for update in seen] for seen in found]


def bootstrap_by_keras(config, updates):
    source = by_keras(resampled_pieces)(config, updates)
    return source and (source[0], interval(config, source[1]))


BOOTSTRAP_INTERVAL = MetricSpec(
    "BootstrapInterval",
    bootstrap,
    binary_or_numbers,
    inner_shape,
    options=[
        {"metric": "MeanSquaredError", "resamples": 6},
        {"metric": "Recall", "resamples": 8, "confidence": 0.8},
        {"metric": AUC, "resamples": 5, "seed": 7},
        {"metric": RECALLS, "resamples": 4, "confidence": 0.5, "seed": 2**40},
    ],
    shapes=[(4, 3), (5, 2), (3, 4)],
    weight_kinds=lambda kind: kind in ("none", "per sample"),
    corners=("one", "zero weights", "dtype"),
    unlike_keras=not_in_keras,
    other=bootstrap_by_keras,
)

WRAPPERS = [PER_CLASS, SLIDING_WINDOW, BOOTSTRAP_INTERVAL]
