"""Where Keras differs on purpose (or fails), class by class: the list of exceptions.

Every function answers None where Keras, given the case as it is, must agree.
Otherwise it gives a view: the reason, and where there is one another way to
ask Keras for the same number.
"""

import numpy as np

import curves
import formulas
from loss_cases import View
from metric_cases import MetricView, arrays, full_weights
from reductions import broadcast_weight
from tensors import Tensor

# --- Losses -------------------------------------------------------------------


def keras_options(config, *names):
    return {name: config[name] for name in names if name in config}


def outside(p, low, high):
    return (p < low).any() or (p > high).any()


def sparse(config, t, p):
    axis = config.get("axis", -1)
    if not config.get("from_logits") and p.data.size:
        labels, predictions, _ = formulas.sparse_mask(
            formulas.sparse_labels(t.data, p.data, axis), p.data, config.get("ignore_class"), axis
        )
        normal = formulas.normalised(predictions, axis)
        if outside(normal, *formulas.CLIP) or outside(predictions, formulas.EPSILON, 1.0):
            return View("Keras normalises before it clips; tf.keras, and we, after")
    if t.data.ndim == p.data.ndim and t.shape[axis] != 1:
        return View(
            "Keras takes a trailing 1 only where it is the class axis",
            "SparseCategoricalCrossentropy",
            keras_options(config, "from_logits", "ignore_class", "axis"),
            Tensor(t.data[..., 0], t.dtype),
        )
    if "class_weight" in config or config.get("label_smoothing"):
        return View("Keras lacks class_weight and label_smoothing")
    return None


def dense(class_name, *options):
    def unlike(config, t, p):
        axis = config.get("axis", -1)
        target = t.data.astype(np.float64)
        if target.ndim > p.data.ndim:
            target = target[..., 0]
        if not config.get("from_logits") and p.data.size:
            if (p.data.sum(axis=axis) == 0).any():
                return View("an all-zero row is NaN in Keras, and uniform here")
        smoothing = config.get("label_smoothing", 0.0)
        wrong_axis = smoothing and p.shape[-1] != p.shape[axis]
        if "class_weight" in config or wrong_axis:
            target = formulas.smoothed(target, smoothing, 1.0 / p.shape[axis])
            target = formulas.weigh_classes(target, config.get("class_weight"), axis)
            return View(
                "Keras lacks class_weight, and smooths by the size of the last axis",
                class_name,
                keras_options(config, "from_logits", "axis", *options),
                Tensor(target, "float64"),
            )
        return None

    return unlike


def focal_sparse(config, t, p):
    if "ignore_class" in config:
        return View("Keras has no sparse focal loss")
    axis = config.get("axis", -1)
    classes = p.shape[axis]
    hot = formulas.one_hot(formulas.sparse_labels(t.data, p.data, axis), classes, axis)
    hot = formulas.smoothed(hot, config.get("label_smoothing", 0.0), 1.0 / classes)
    hot = formulas.weigh_classes(hot, config.get("class_weight"), axis)
    return View(
        "Keras has no sparse focal loss: its dense one on one-hot targets",
        "CategoricalFocalCrossentropy",
        keras_options(config, "from_logits", "alpha", "gamma", "axis"),
        Tensor(hot, "float64"),
    )


def generalized(config, t, p):
    if t.data.ndim == p.data.ndim:
        return View(
            "Keras broadcasts labels with a trailing 1 into a square",
            "CategoricalGeneralizedCrossEntropy",
            keras_options(config, "q"),
            Tensor(t.data[..., 0], t.dtype),
        )
    return None


def hinge_of_nothing(config, t, p):
    return None if p.data.size else View("on PyTorch, Keras takes no maximum of nothing")


# --- Mean-style metrics -------------------------------------------------------


def sparse_metric(config, updates):
    views = [sparse(config, t, p) for t, p, _ in updates]
    if any(view is not None and view.t is None for view in views):
        return MetricView("Keras normalises before it clips; tf.keras, and we, after")
    seen = [
        update if view is None else (view.t, *update[1:]) for view, update in zip(views, updates)
    ]
    formula = formulas.sparse_categorical_crossentropy
    if "ignore_class" in config:
        return MetricView("Keras counts masked entries", full_weights(formula, config, seen))
    if any(view is not None for view in views):
        return MetricView("labels with a trailing 1 that is not on the class axis", seen)
    return None


def dense_metric(config, updates):
    unlike = dense("CategoricalCrossentropy")
    views = [unlike(config, t, p) for t, p, _ in updates]
    if all(view is None for view in views):
        return None
    if any(view is not None and view.t is None for view in views):
        return MetricView("an all-zero row is NaN in Keras, and uniform here")
    seen = [(view.t, p, w) for view, (_, p, w) in zip(views, updates)]
    return MetricView("Keras smooths by the size of the last axis", seen, config=views[0].config)


def nan_or_tie(config, updates):
    for _, p, _ in updates:
        if np.isnan(p.data).any():
            return MetricView("Keras takes a NaN for the largest entry")
        rows = p.data.reshape(-1, p.shape[-1]) if p.data.size else []
        if any((row == row.max()).sum() > 1 for row in rows):
            return MetricView("PyTorch, which Keras runs on, leaves ties open")
    return None


def r2(config, updates):
    whole = np.concatenate([t.data for t, _, _ in updates])
    met = np.concatenate([p.data for _, p, _ in updates]) == whole
    if (met.all(axis=0) & (whole == whole[0]).all(axis=0)).any():
        return MetricView("a constant target, met, is NaN in Keras")
    if any(w is not None and w.data.ndim > t.data.ndim for t, _, w in updates):
        seen = [(t, p, Tensor(w.data[..., 0], w.dtype)) for t, p, w in updates]
        return MetricView("Keras takes no weight with a trailing 1", seen)
    return None


def no_maximum(config, updates):
    if all(p.data.size for _, p, _ in updates):
        return None
    return MetricView("on PyTorch, Keras takes no maximum of nothing")


def top_k(config, updates):
    if any(np.isnan(p.data).any() for _, p, _ in updates):
        return MetricView("Keras takes a NaN for the largest entry")
    return None


# --- Metrics that count -------------------------------------------------------


def spelt_out(update, shape):
    """The update with its weight in the full shape of what it weighs."""
    t, p, w = update
    if w is None:
        return update
    full = broadcast_weight(np.empty(shape), w.data.astype(np.float64))
    return t, p, Tensor(full.copy(), "float64")


def weighed_shape(config, t, p):
    return curves.prepared(t, p, None, config.get("class_id"))[1].shape


def as_keras_aligns(weight, shape):
    """Keras's reading of a weight for labels of `shape`, or None where it fails."""
    w = weight.data[..., None]
    if w.ndim == len(shape) + 1:
        w = w[..., 0]
    try:
        return np.broadcast_to(w, shape)
    except ValueError:
        return None


def claims(config, updates):
    """Keras expands a weight by one axis only, and takes none with a trailing 1."""
    seen, differs = [], False
    for t, p, w in updates:
        shape = weighed_shape(config, *arrays(t, p))
        full = spelt_out((t, p, w), shape)
        if w is not None:
            theirs = as_keras_aligns(w, shape)
            differs |= theirs is None or not np.array_equal(theirs, full[2].data)
        seen.append(full)
    return MetricView("Keras aligns the weight otherwise", seen) if differs else None


def f_beta(config, updates):
    """Keras takes one weight a row; a weight an entry is ours alone."""
    full = [update for update in updates if update[1].data.size]
    if len(full) < len(updates):
        why = "on PyTorch, Keras takes no maximum of nothing"
        return MetricView(why, full or None)
    if all(w is None or w.data.ndim == 1 for _, _, w in updates):
        return None
    seen = []
    for t, p, w in updates:
        full = spelt_out((t, p, w), t.shape)[2]
        if full is not None and (full.data != full.data[:, :1]).any():
            return MetricView("Keras takes no weight an entry")
        seen.append((t, p, full and Tensor(full.data[:, 0], "float64")))
    return MetricView("Keras takes a weight of shape [batch] only", seen)


def iou(result):
    """Keras flattens labels and weights apart, and fails with another axis than -1."""

    def unlike(config, updates):
        axis = config.get("axis", -1)
        config = {k: v for k, v in config.items() if k not in ("axis", "dtype")}
        seen, differs = [], axis != -1
        for t, p, w in updates:
            ids = t.data
            if hasattr(result, "ids"):
                ids = result.ids({**config, "axis": axis}, *arrays(t, p))[0]
            full = spelt_out((t, p, w), ids.shape)[2]
            differs |= w is not None and w.shape not in ((), ids.shape)
            t, p = (
                x if x.data.ndim == ids.ndim else Tensor(np.moveaxis(x.data, axis, -1), x.dtype)
                for x in (t, p)
            )
            seen.append((t, p, full))
        if not differs:
            return None
        return MetricView("Keras fails on this axis or weight", seen, config=config)

    return unlike
