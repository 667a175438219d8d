"""The metrics of curves that Keras lacks, checked against scikit-learn."""

import numpy as np
import sklearn.metrics

import curves
import unlike_keras as unlike
from draws import claims
from metric_cases import MetricSpec, MetricView
from metrics_counts import BINARY_LABELS, SHAPES
from reductions import safe_divide
from tensors import f32, i64

OPTIONS = [
    {"num_thresholds": 11},
    {"num_thresholds": 2},
    {"num_thresholds": 6, "class_id": 1},
    {"thresholds": [0.25, 0.5, 0.75]},
    {"thresholds": [0.8, 0.1, 0.4]},
    {"thresholds": [0.3], "class_id": 0},
    {"from_logits": True, "num_thresholds": 5},
]


def not_in_keras(config, updates):
    return MetricView("Keras has no such metric")


def scored(config, updates):
    """(thresholds, [(label, score, weight)]): scores are probabilities, clipped where evenly spaced."""
    thresholds, even = curves.auc_thresholds(config)
    ready = []
    for update in updates:
        t, p, w = curves.prepared(*update, config.get("class_id"))
        p = curves.logistic(p) if config.get("from_logits") else p
        ready.append((t, np.clip(p, 0, 1) if even else p, w))
    return thresholds, ready


def from_counts(points):
    """result() of a function of (tp, fp, tn, fn, thresholds) at each threshold, the lowest first."""

    def result(config, updates, precision):
        thresholds, ready = scored(config, updates)
        return points(*curves.counts_at(thresholds, ready), thresholds)

    return result


def average_precision(tp, fp, tn, fn, thresholds):
    recall, precision = safe_divide(tp, tp + fn), safe_divide(tp, tp + fp)
    return ((recall[:-1] - recall[1:]) * precision[:-1]).sum()


def roc_points(tp, fp, tn, fn, thresholds):
    points = safe_divide(fp, fp + tn), safe_divide(tp, tp + fn), thresholds
    return np.stack(points)[:, ::-1]


def pr_points(tp, fp, tn, fn, thresholds):
    precision = np.where(tp + fp == 0, 1.0, safe_divide(tp, tp + fp))
    return np.stack([safe_divide(tp, tp + fn), precision, thresholds])[:, ::-1]


def by_sklearn(score):
    """`score` gets labels, how many thresholds each score is above, weights, and the thresholds."""

    def other(config, updates):
        arrays = [
            tuple(None if x is None else x.data.astype(np.float64) for x in update)
            for update in updates
        ]
        thresholds, ready = scored(config, arrays)
        t, p, w = (np.concatenate([x.reshape(-1) for x in part]) for part in zip(*ready))
        above = (p[:, None] > thresholds).sum(axis=1)
        some_of_both = w[t].sum() > 0 and w[~t].sum() > 0
        if not some_of_both or (above == 0).any():
            return None
        return "sklearn", score(t, above, w, thresholds)

    return other


def sklearn_average_precision(t, above, w, thresholds):
    return sklearn.metrics.average_precision_score(t, above, sample_weight=w)


def sklearn_roc(t, above, w, thresholds):
    x, y, at = sklearn.metrics.roc_curve(t, above, sample_weight=w, drop_intermediate=False)
    index = [(at >= k + 1).sum() - 1 for k in range(len(thresholds))]
    return np.stack([x[index], y[index], thresholds])[:, ::-1]


def sklearn_pr(t, above, w, thresholds):
    precision, recall, at = sklearn.metrics.precision_recall_curve(
        t, above, sample_weight=w, drop_intermediate=False
    )
    index = np.searchsorted(at, np.arange(len(thresholds)) + 1)
    return np.stack([recall[index], precision[index], thresholds])[:, ::-1]


def corners(cases, random):
    t, p = i64([0, 0, 1, 1]), f32([0, 0.5, 0.3, 0.9])
    cases.add("200 thresholds", {}, [(t, p, None)])
    config = {"num_thresholds": 5}
    cases.add("ends", config, [(t, f32([0, 1, 0.5, 1]), None)])
    cases.add("only positives", config, [(i64([1, 1]), f32([0.2, 0.7]), None)])
    cases.add("only negatives", config, [(i64([0, 0]), f32([0.2, 0.7]), None)])
    cases.add("worse than chance", config, [(t, f32([0.9, 0.8, 0.3, 0.1]), None)])
    cases.add("all alike", config, [(t, f32([0.6, 0.6, 0.6, 0.6]), None)])
    outside = f32([-0.5, 1.5, 0.3, 1.25])
    cases.add("outside [0, 1]", config, [(t, outside, None)])
    uneven = {"thresholds": [0.1, 0.35]}
    cases.add("outside [0, 1], uneven thresholds", uneven, [(t, outside, None)])


def curve(name, points, score):
    return MetricSpec(
        name,
        from_counts(points),
        claims,
        unlike.weighed_shape,
        options=OPTIONS,
        shapes=SHAPES,
        labels=BINARY_LABELS,
        exact=True,
        fits=lambda options, shape: "class_id" not in options or (len(shape) > 1 and shape[-1] > 1),
        extras=corners,
        unlike_keras=not_in_keras,
        other=by_sklearn(score),
    )


CURVES = [
    curve("AveragePrecision", average_precision, sklearn_average_precision),
    curve("ROCCurve", roc_points, sklearn_roc),
    curve("PrecisionRecallCurve", pr_points, sklearn_pr),
]
