"""The metrics that Keras lacks, checked against scikit-learn where it has them."""

import numpy as np
import sklearn.calibration
import sklearn.metrics

import formulas
import metric_formulas as values
import unlike_keras as unlike
from draws import CLASS_SHAPES, binary, confident, judged, sparse
from keras_check import run_metric
from metric_cases import MetricSpec, MetricView, mean_of, mean_spec, shape_of, without_dtype
from reductions import broadcast_weight
from tensors import Tensor, f32, i64

JUDGED_SHAPES = [(8, 3), (6, 2), (7, 4), (5, 3), (10, 3)]
JUDGED_DTYPES = ["float32", "int64", "int32", "float64", "float32", "int64", "bfloat16", "float16"]


def not_in_keras(config, updates):
    return MetricView("Keras has no such metric")


def joined(updates):
    """True ids, predicted ids and weights of all updates, as scikit-learn takes them."""
    pairs = [values.class_ids(t.data, p.data) for t, p, _ in updates]
    t, p = (np.concatenate(x).astype(int) for x in zip(*pairs))
    weights = [np.ones(len(t.data)) if w is None else w.data for t, _, w in updates]
    return t, p, np.concatenate(weights).astype(np.float64)


def by_sklearn(score):
    def other(config, updates):
        t, p, w = joined(updates)
        if not len(t) or not w.sum():
            return None
        return "sklearn", score(config, t, p, w)

    return other


def matrix_by_sklearn(config, t, p, w):
    return sklearn.metrics.confusion_matrix(
        t,
        p,
        labels=range(config["num_classes"]),
        sample_weight=w,
        normalize=config.get("normalize"),
    )


def balanced_by_sklearn(config, t, p, w):
    present = w > 0  # scikit-learn divides 0 by 0 for a class of weight 0
    return sklearn.metrics.recall_score(
        t[present],
        p[present],
        labels=np.unique(t[present]),
        sample_weight=w[present],
        average="macro",
    )


def kappa_by_sklearn(config, t, p, w):
    return sklearn.metrics.cohen_kappa_score(
        t, p, labels=range(config["num_classes"]), weights=config.get("weighting"), sample_weight=w
    )


def brier_by_sklearn(config, updates):
    if any(not t.data.size or (w is not None and not w.data.any()) for t, _, w in updates):
        return None
    t, p, weights = [], [], []
    for true, predicted, w in updates:
        shape = predicted.shape
        size = np.prod(shape[1:]) if w is None or w.data.ndim else np.prod(shape)
        full = np.ones(shape) if w is None else broadcast_weight(np.empty(shape), w.data)
        t.append(true.data.reshape(-1))
        p.append(predicted.data.reshape(-1))
        weights.append((full / size).reshape(-1))
    t, p, weights = (np.concatenate(x) for x in (t, p, weights))
    score = sklearn.metrics.brier_score_loss
    return "sklearn", score(t, p, sample_weight=weights, pos_label=1, labels=[0, 1])


def perplexity_by_keras(config, updates):
    """exp of Keras's cross-entropy, where that is ours too."""
    view = unlike.sparse_metric(config, updates)
    if view is not None and view.updates is None:
        return None
    seen = updates if view is None else view.updates
    mean = run_metric("SparseCategoricalCrossentropy", without_dtype(config), seen)
    return "float64", np.exp(mean)


def calibration_by_sklearn(config, updates):
    """The bins of scikit-learn's reliability diagram, which knows no weights."""
    if any(w is not None or not len(p.data) for _, p, w in updates):
        return None
    confidence = np.concatenate([p.data.max(axis=-1) for _, p, _ in updates])
    right = np.concatenate([p.data.argmax(axis=-1) == t.data for t, p, _ in updates])
    bins = config.get("num_bins", 15)
    accuracy, mean = sklearn.calibration.calibration_curve(
        right, confidence, n_bins=bins, pos_label=True
    )
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence))
    return "sklearn", np.average(np.abs(accuracy - mean), weights=counts[counts > 0])


def hard_binary(random, shape, dtype, label, options):
    t, p = binary(random, shape, dtype, "int64", options)
    return Tensor(t.data, label), p


def absent_class(cases, random):
    t, p = i64([0, 0, 2, 2, 2]), i64([0, 2, 2, 2, 0])
    cases.add("a class that never occurs", {"num_classes": 4}, [(t, p, None)])
    p = i64([0, 1, 2, 1, 0])
    cases.add("a class that is only claimed", {"num_classes": 3}, [(t, p, None)])


def matrix_extras(cases, random):
    for normalize in (None, "true", "pred", "all"):
        config = {"num_classes": 4, "normalize": normalize}
        t, p = i64([0, 0, 2, 2, 2]), i64([0, 2, 2, 2, 0])
        cases.add(f"a class that never occurs, {normalize}", config, [(t, p, None)])


def calibration_extras(cases, random):
    p = f32([[0.5, 0.5], [1, 0], [0.75, 0.25], [0.25, 0.75]])
    for bins in (4, 1):
        cases.add(f"at the bins' edges, {bins}", {"num_bins": bins}, [(i64([0, 0, 1, 1]), p, None)])


def judge(name, result, score, options, extras=absent_class, **more):
    return MetricSpec(
        name,
        result,
        judged,
        lambda config, t, p: t.shape,
        options=[{"num_classes": lambda random, classes: classes, **extra} for extra in options],
        shapes=JUDGED_SHAPES,
        dtypes=JUDGED_DTYPES,
        exact=True,
        weight_kinds=lambda kind: kind in ("none", "per sample"),
        extras=extras,
        unlike_keras=not_in_keras,
        other=by_sklearn(score),
        **more,
    )


BEYOND_KERAS = [
    judge(
        "ConfusionMatrix",
        values.normalised_matrix,
        matrix_by_sklearn,
        [{}, {}, {"normalize": "true"}, {"normalize": "pred"}, {"normalize": "all"}],
        extras=matrix_extras,
        weight_dtypes=["int64"],
        corners=("one", "empty"),
    ),
    judge("BalancedAccuracy", values.balanced_accuracy, balanced_by_sklearn, [{}]),
    judge(
        "MatthewsCorrelation",
        values.matthews_correlation,
        lambda config, t, p, w: sklearn.metrics.matthews_corrcoef(t, p, sample_weight=w),
        [{}],
    ),
    judge(
        "CohenKappa",
        values.cohen_kappa,
        kappa_by_sklearn,
        [{}, {"weighting": "linear"}, {"weighting": "quadratic"}],
        corners=("dtype",),
    ),
    mean_spec(
        "BrierScore",
        values.squared_errors,
        hard_binary,
        labels=["int64", "int32", "uint8", "float32"],
        unlike_keras=not_in_keras,
        other=brier_by_sklearn,
    ),
    MetricSpec(
        "ExpectedCalibrationError",
        values.expected_calibration_error,
        confident,
        lambda config, t, p: t.shape,
        options=[{}, {"num_bins": 10}, {"num_bins": 5}, {"num_bins": 1}],
        shapes=[(8, 3), (6, 2), (9, 4), (5, 3)],
        weight_kinds=lambda kind: kind in ("none", "per sample"),
        extras=calibration_extras,
        unlike_keras=not_in_keras,
        other=calibration_by_sklearn,
    ),
    MetricSpec(
        "Perplexity",
        mean_of(formulas.sparse_categorical_crossentropy, np.exp),
        sparse,
        shape_of(formulas.sparse_categorical_crossentropy),
        options=[
            {"from_logits": True},
            {},
            {"from_logits": True, "ignore_class": -1},
            {"ignore_class": 0},
        ],
        shapes=[s for s in CLASS_SHAPES if len(s) > 1],
        trailing_labels=True,
        corners=("one", "dtype"),
        unlike_keras=not_in_keras,
        other=perplexity_by_keras,
    ),
]
