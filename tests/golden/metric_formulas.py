"""Values of the metrics that are not losses, in float64, from their definitions."""

import numpy as np

from formulas import EPSILON
from reductions import broadcast_weight, match_ranks, safe_divide

# --- Accuracies: 1 where right, 0 where wrong ---------------------------------


def accuracy(t, p):
    t, p = match_ranks(t, p)
    return (t == p).astype(np.float64)


def binary_accuracy(t, p, threshold=0.5):
    t, p = match_ranks(t, p)
    return (t == (p > threshold)).astype(np.float64)


def first_largest(p):
    """The index of the first largest entry of each row, -1 where a row has a NaN."""
    return np.where(np.isnan(p).any(axis=-1), -1, np.nan_to_num(p).argmax(axis=-1))


def categorical_accuracy(t, p):
    return (t.argmax(axis=-1) == first_largest(p)).astype(np.float64)


def sparse_rows(t, p):
    return t[..., 0] if t.ndim == p.ndim else t


def sparse_categorical_accuracy(t, p):
    return (sparse_rows(t, p) == first_largest(p)).astype(np.float64)


def in_top_k(labels, p, k):
    """A label is in the top k where fewer than k entries are above it; never beside a NaN."""
    flat, rows = labels.reshape(-1).astype(np.int64), p.reshape(-1, p.shape[-1])
    own = rows[np.arange(len(rows)), flat]
    hit = (rows > own[:, None]).sum(axis=-1) < k
    return (hit & ~np.isnan(rows).any(axis=-1)).reshape(labels.shape).astype(np.float64)


def top_k_categorical_accuracy(t, p, k=5):
    return in_top_k(t.argmax(axis=-1), p, k)


def sparse_top_k_categorical_accuracy(t, p, k=5, from_sorted_ids=False):
    t = sparse_rows(t, p)
    if from_sorted_ids:
        return (p[..., :k] == t[..., None]).any(axis=-1).astype(np.float64)
    return in_top_k(t, p, k)


# --- Regression ---------------------------------------------------------------


def squared_errors(t, p):
    t, p = match_ranks(t, p)
    return (t - p) ** 2


def _moments(t, p, axis):
    t, p = match_ranks(t, p)
    dt, dp = (x - x.mean(axis=axis, keepdims=True) for x in (t, p))
    covariance = (dt * dp).mean(axis=axis)
    return (
        covariance,
        (dt**2).mean(axis=axis),
        (dp**2).mean(axis=axis),
        t.mean(axis=axis) - p.mean(axis=axis),
    )


def pearson_correlation(t, p, axis=-1):
    covariance, of_t, of_p, _ = _moments(t, p, axis)
    return covariance / np.sqrt(of_t * of_p)


def concordance_correlation(t, p, axis=-1):
    covariance, of_t, of_p, shift = _moments(t, p, axis)
    return 2 * covariance / (of_t + of_p + shift**2 + EPSILON)


def r2_score(config, updates, precision):
    """`num_regressors` adjusts by the number of target entries, as Keras counts them."""
    entries = sum(t.size for t, _, _ in updates)
    t = np.concatenate([match_ranks(t, p)[0] for t, p, _ in updates])
    p = np.concatenate([match_ranks(t, p)[1] for t, p, _ in updates])
    w = np.concatenate(
        [np.ones(t.shape) if w is None else broadcast_weight(t, w) for t, _, w in updates]
    )
    mean = (w * t).sum(axis=0) / w.sum(axis=0)
    total = (w * (t - mean) ** 2).sum(axis=0)
    scores = np.where(total == 0, 0.0, 1.0 - safe_divide((w * (t - p) ** 2).sum(axis=0), total))
    aggregation = config.get("class_aggregation", "uniform_average")
    if aggregation == "uniform_average":
        scores = scores.mean()
    elif aggregation == "variance_weighted_average":
        scores = safe_divide((total * scores).sum(), total.sum())
    regressors = config.get("num_regressors", 0)
    if 0 < regressors < entries - 1:
        scores = 1.0 - (1.0 - scores) * (entries - 1) / (entries - regressors - 1)
    return scores


# --- Counts -------------------------------------------------------------------


def f_beta(config, updates, precision):
    beta, threshold = config.get("beta", 1.0), config.get("threshold")
    average = config.get("average")
    counts = []
    for t, p, w in updates:
        if threshold is None:
            claimed = (p == p.max(axis=-1, keepdims=True)) & (np.abs(p) > 1e-9)
        else:
            claimed = p > threshold
        w = np.ones(t.shape) if w is None else broadcast_weight(t, w)
        counts.append([(w * x).sum(axis=0) for x in (claimed * t, claimed * (1 - t), ~claimed * t)])
    tp, fp, fn = np.sum(counts, axis=0)
    if average == "micro":
        tp, fp, fn = tp.sum(), fp.sum(), fn.sum()
    precision_, recall = safe_divide(tp, tp + fp), safe_divide(tp, tp + fn)
    scores = (1 + beta**2) * safe_divide(precision_ * recall, beta**2 * precision_ + recall)
    if average == "weighted":
        return safe_divide((scores * (tp + fn)).sum(), (tp + fn).sum())
    return scores if average is None else scores.mean()


def confusion_matrix(t, p, w, classes):
    """Rows are true classes; pairs with an id out of range are dropped."""
    t, p, w = t.reshape(-1), p.reshape(-1), w.reshape(-1)
    inside = (t >= 0) & (t < classes) & (p >= 0) & (p < classes)
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (t[inside].astype(int), p[inside].astype(int)), w[inside])
    return matrix


def mean_iou(matrix, targets):
    """The mean over the targets that occur, as label or as prediction."""
    own = np.diag(matrix)
    union = matrix.sum(axis=0) + matrix.sum(axis=1) - own
    targets = [c for c in targets if union[c] > 0]
    return np.mean([own[c] / union[c] for c in targets]) if targets else 0.0


def iou(sparse_y_true=True, sparse_y_pred=True):
    def ids(config, t, p):
        axis = config.get("axis", -1)
        if not config.get("sparse_y_true", sparse_y_true):
            t = t.argmax(axis=axis)
        if not config.get("sparse_y_pred", sparse_y_pred):
            p = p.argmax(axis=axis)
        return t, p

    def result(config, updates, precision):
        classes = config["num_classes"]
        matrix = np.zeros((classes, classes))
        for t, p, w in updates:
            t, p = ids(config, t, p)
            w = np.ones(t.shape) if w is None else broadcast_weight(t, w)
            if config.get("ignore_class") is not None:
                w = np.where(t == config["ignore_class"], 0.0, w)
            matrix += confusion_matrix(t, p, w, classes)
        return mean_iou(matrix, config.get("target_class_ids", range(classes)))

    result.ids = ids
    return result


def binary_iou(config, updates, precision):
    matrix = np.zeros((2, 2))
    for t, p, w in updates:
        w = np.ones(t.shape) if w is None else broadcast_weight(t, w)
        matrix += confusion_matrix(t, (p > config.get("threshold", 0.5)).astype(float), w, 2)
    return mean_iou(matrix, config.get("target_class_ids", [0, 1]))


def class_ids(t, p):
    """Labels and predicted labels, from scores or from labels."""
    return t.reshape(-1), (first_largest(p) if p.ndim == 2 else p).reshape(-1)


def summed_matrix(config, updates):
    classes = config["num_classes"]
    matrix = np.zeros((classes, classes))
    for t, p, w in updates:
        t, p = class_ids(t, p)
        matrix += confusion_matrix(t, p, np.ones(t.shape) if w is None else w, classes)
    return matrix


def normalised_matrix(config, updates, precision):
    matrix = summed_matrix(config, updates)
    totals = {
        None: 1.0,
        "true": matrix.sum(axis=1, keepdims=True),
        "pred": matrix.sum(axis=0, keepdims=True),
        "all": matrix.sum(),
    }
    return safe_divide(matrix, totals[config.get("normalize")])


def balanced_accuracy(config, updates, precision):
    """The mean recall over the classes that occur as labels."""
    matrix = summed_matrix(config, updates)
    present = matrix.sum(axis=1) > 0
    return (np.diag(matrix)[present] / matrix.sum(axis=1)[present]).mean() if present.any() else 0.0


def matthews_correlation(config, updates, precision):
    matrix = summed_matrix(config, updates)
    total, right = matrix.sum(), np.trace(matrix)
    true, claimed = matrix.sum(axis=1), matrix.sum(axis=0)
    covariance = right * total - true @ claimed
    return safe_divide(
        covariance, np.sqrt((total**2 - true @ true) * (total**2 - claimed @ claimed))
    )


def cohen_kappa(config, updates, precision):
    matrix = summed_matrix(config, updates)
    classes = np.arange(len(matrix))
    distance = np.abs(classes[:, None] - classes[None, :]).astype(np.float64)
    cost = {None: (distance > 0) * 1.0, "linear": distance, "quadratic": distance**2}
    cost = cost[config.get("weighting")]
    by_chance = safe_divide(np.outer(matrix.sum(axis=1), matrix.sum(axis=0)), matrix.sum())
    return 1.0 - safe_divide((cost * matrix).sum(), (cost * by_chance).sum())


def expected_calibration_error(config, updates, precision):
    """Bins (lo, hi] of the confidence; a bin counts by the weight it holds."""
    bins = config.get("num_bins", 15)
    confidence = np.concatenate([p.max(axis=-1) for _, p, _ in updates])
    right = np.concatenate([sparse_categorical_accuracy(t, p) for t, p, _ in updates])
    w = np.concatenate([np.ones(len(p)) if w is None else w for _, p, w in updates])
    error = 0.0
    for i in range(bins):
        inside = (confidence > i / bins) & (confidence <= (i + 1) / bins)
        error += abs((w * (right - confidence))[inside].sum())
    return safe_divide(error, w.sum())
