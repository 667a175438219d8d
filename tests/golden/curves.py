"""Counts at thresholds, and what is read off them: precision, recall, areas."""

import numpy as np

from formulas import EPSILON
from reductions import broadcast_weight, match_ranks, safe_divide


def prepared(t, p, w, class_id=None, top_k=None):
    """One update as (label, score, weight) of one shape; outside the top k is -inf."""
    p, t = match_ranks(p, t)
    if top_k is not None:
        kth = np.sort(p, axis=-1)[..., -top_k, None]
        p = np.where(p >= kth, p, -np.inf)
    if class_id is not None:
        t, p = t[..., class_id, None], p[..., class_id, None]
    w = np.ones(p.shape) if w is None else broadcast_weight(p, w)
    return t != 0, p, w


def counts_at(thresholds, updates, per_label=False):
    """(tp, fp, tn, fn), one row a threshold (and one column a label)."""
    counts = []
    for threshold in thresholds:
        row = []
        for label, claim in ((True, True), (False, True), (False, False), (True, False)):
            kept = [
                np.where((t == label) & ((p > threshold) == claim), w, 0.0) for t, p, w in updates
            ]
            row.append(sum(x.sum(axis=0 if per_label else None) for x in kept))
        counts.append(row)
    return [np.array(column) for column in zip(*counts)]


def threshold_list(config, default):
    given = config.get("thresholds")
    return [default] if given is None else (given if isinstance(given, list) else [given])


def per_threshold(values):
    return values[0] if len(values) == 1 else values


def condition_count(which):
    def result(config, updates, precision):
        ready = [prepared(*update) for update in updates]
        return per_threshold(counts_at(threshold_list(config, 0.5), ready)[which])

    return result


def quotient(which):
    """tp / (tp + the counts of that index): 1 gives precision, 3 recall."""

    def result(config, updates, precision):
        top_k, class_id = config.get("top_k"), config.get("class_id")
        thresholds = threshold_list(config, 0.5 if top_k is None else -np.inf)
        counts = counts_at(thresholds, [prepared(*update, class_id, top_k) for update in updates])
        return per_threshold(safe_divide(counts[0], counts[0] + counts[which]))

    return result


def best_where(constrained, wanted, option):
    """The best `wanted` among the thresholds whose `constrained` reaches the option's value."""
    quotients = {
        "precision": lambda tp, fp, tn, fn: safe_divide(tp, tp + fp),
        "recall": lambda tp, fp, tn, fn: safe_divide(tp, tp + fn),
        "specificity": lambda tp, fp, tn, fn: safe_divide(tn, tn + fp),
    }

    def result(config, updates, precision):
        number = config.get("num_thresholds", 200)
        thresholds = [0.5] if number == 1 else np.arange(number) / (number - 1)
        class_id = config.get("class_id")
        counts = counts_at(thresholds, [prepared(*update, class_id) for update in updates])
        reached, best = quotients[constrained](*counts), quotients[wanted](*counts)
        gap = np.abs(reached - config[option])
        if ((gap < 1e-6) & (gap != 0)).any() or ((gap == 0) & ~np.isin(reached, (0, 0.5, 1))).any():
            raise ValueError("a constraint is met too narrowly: rounding would decide")
        return np.where(reached >= config[option], best, 0.0).max()

    return result


def auc_thresholds(config):
    """(thresholds, whether they are evenly spaced)."""
    if config.get("thresholds") is not None:
        inner = sorted(config["thresholds"])
    else:
        number = config.get("num_thresholds", 200)
        inner = [(i + 1) / (number - 1) for i in range(number - 2)]
    every = np.linspace(0, 1, len(inner) + 2)
    even = len(every) > 2 and np.allclose([0.0, *inner, 1.0], every, atol=EPSILON)
    return np.array([-EPSILON, *inner, 1 + EPSILON]), even


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


def auc(config, updates, precision):
    thresholds, even = auc_thresholds(config)
    label_weights = config.get("label_weights")
    multi_label = config.get("multi_label", False)
    ready = []
    for update in updates:
        t, p, w = prepared(*update)
        p = logistic(p) if config.get("from_logits") else p
        if label_weights is not None and not multi_label:
            w = w * np.asarray(label_weights)
        ready.append((t, np.clip(p, 0, 1) if even else p, w))
    area = area_under(
        config.get("curve", "ROC"),
        config.get("summation_method", "interpolation"),
        *counts_at(thresholds, ready, multi_label),
    )
    if not multi_label:
        return area
    return area.mean() if label_weights is None else np.average(area, weights=label_weights)


def area_under(curve, method, tp, fp, tn, fn):
    if curve == "PR" and method == "interpolation":
        return interpolated_pr(tp, fp, fn)
    recall = safe_divide(tp, tp + fn)
    if curve == "ROC":
        x, y = safe_divide(fp, fp + tn), recall
    elif curve == "PR":
        x, y = recall, safe_divide(tp, tp + fp)
    else:
        ratio = safe_divide(tp + fn, tn + fp)
        some = tp > 0
        x = np.where(some, np.maximum(1 - ratio * safe_divide(fn, tp), 0), 0.0)
        y = np.where(some, 1 - ratio * safe_divide(fp, tp), 1.0)
    low, high = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    heights = {"minoring": low, "majoring": high, "interpolation": (low + high) / 2}[method]
    return ((x[:-1] - x[1:]) * heights).sum(axis=0)


def interpolated_pr(tp, fp, fn):
    """Davis and Goadrich, 2006: between two thresholds, fp grows linearly with tp."""
    claimed = tp + fp
    more_tp, more_claimed = tp[:-1] - tp[1:], claimed[:-1] - claimed[1:]
    slope = safe_divide(more_tp, np.maximum(more_claimed, 0))
    intercept = tp[1:] - slope * claimed[1:]
    both = (claimed[:-1] > 0) & (claimed[1:] > 0)
    ratio = np.where(both, safe_divide(claimed[:-1], claimed[1:]), 1.0)
    area = slope * (more_tp + intercept * np.log(ratio))
    return safe_divide(area, np.maximum(tp[1:] + fn[1:], 0)).sum(axis=0)
