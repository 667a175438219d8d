"""Loss formulas in float64, from their definitions.

Each takes labels and predictions (NumPy, `t` and `p`) and its options, and
gives the unreduced values, or a pair (values, mask) where some of them do not
count. `clip` is the pair of bounds that probabilities are clipped to: single
precision rounds the upper one, so it depends on the type that computes.
"""

import numpy as np

from reductions import match_ranks, safe_divide

EPSILON = 1e-7
CLIPS = {
    "float64": (EPSILON, 1.0 - EPSILON),
    "float32": (float(np.float32(EPSILON)), float(np.float32(1.0 - EPSILON))),
}
CLIP = CLIPS["float64"]


# --- Regression ---------------------------------------------------------------


def mean_squared_error(t, p):
    t, p = match_ranks(t, p)
    return ((p - t) ** 2).mean(axis=-1)


def mean_absolute_error(t, p):
    t, p = match_ranks(t, p)
    return np.abs(p - t).mean(axis=-1)


def mean_absolute_percentage_error(t, p):
    t, p = match_ranks(t, p)
    return 100.0 * (np.abs(p - t) / np.maximum(np.abs(t), EPSILON)).mean(axis=-1)


def mean_squared_logarithmic_error(t, p):
    t, p = match_ranks(t, p)
    logs = [np.log1p(np.maximum(x, EPSILON)) for x in (t, p)]
    return ((logs[0] - logs[1]) ** 2).mean(axis=-1)


def huber(t, p, delta=1.0):
    t, p = match_ranks(t, p)
    error = np.abs(p - t)
    return np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2).mean(axis=-1)


def log_cosh(t, p):
    t, p = match_ranks(t, p)
    error = np.abs(p - t)
    return (error + np.log1p(np.exp(-2 * error)) - np.log(2)).mean(axis=-1)


def unit_cosine(t, p, axis=-1):
    """Cosine of the angle; 0 where a vector is all zeros."""
    t, p = match_ranks(t, p)
    norms = [np.maximum(np.sqrt((x**2).sum(axis=axis, keepdims=True)), EPSILON) for x in (t, p)]
    return (t / norms[0] * (p / norms[1])).sum(axis=axis)


def cosine_similarity(t, p, axis=-1):
    return -unit_cosine(t, p, axis)


def poisson(t, p):
    t, p = match_ranks(t, p)
    return (p - t * np.log(p + EPSILON)).mean(axis=-1)


def kl_divergence(t, p):
    t, p = match_ranks(t, p)
    t, p = np.clip(t, EPSILON, 1.0), np.clip(p, EPSILON, 1.0)
    return (t * (np.log(t) - np.log(p))).sum(axis=-1)


def quantile(t, p, quantile=0.5):
    t, p = match_ranks(t, p)
    error = t - p
    return np.maximum(quantile * error, (quantile - 1) * error).mean(axis=-1)


def gaussian_negative_log_likelihood(t, p, full=False):
    d = p.shape[-1] // 2
    mean, log_variance = p[..., :d], p[..., d:]
    values = 0.5 * (log_variance + (t - mean) ** 2 * np.exp(-log_variance))
    return values.mean(axis=-1) + (0.5 * np.log(2 * np.pi) if full else 0.0)


# --- Hinges -------------------------------------------------------------------


def signed_labels(t):
    return 2.0 * t - 1.0 if np.isin(t, (0, 1)).all() else t


def hinge(t, p):
    t, p = match_ranks(t, p)
    return np.maximum(1.0 - signed_labels(t) * p, 0.0).mean(axis=-1)


def squared_hinge(t, p):
    t, p = match_ranks(t, p)
    return (np.maximum(1.0 - signed_labels(t) * p, 0.0) ** 2).mean(axis=-1)


def categorical_hinge(t, p):
    t, p = match_ranks(t, p)
    positive = (t * p).sum(axis=-1)
    negative = ((1.0 - t) * p).max(axis=-1)
    return np.maximum(1.0 + negative - positive, 0.0)


# --- Cross-entropies ----------------------------------------------------------


def log_softmax(x, axis):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def normalised(p, axis):
    """Rows that sum to 1; an all-zero row counts as uniform."""
    total = p.sum(axis=axis, keepdims=True)
    return np.where(total == 0, 1.0 / p.shape[axis], safe_divide(p, total))


def smoothed(t, amount, share):
    return t * (1.0 - amount) + amount * share


def one_hot(labels, classes, axis):
    hot = np.arange(classes) == labels[..., None]
    return np.moveaxis(hot.astype(np.float64), -1, axis)


def along(vector, axis, ndim):
    """A vector of one value a class, ready to broadcast over `axis`."""
    shape = [1] * ndim
    shape[axis] = -1
    return np.asarray(vector, np.float64).reshape(shape)


def class_weights(given, classes):
    """A weight for each class, from a list, or from a map whose missing classes weigh 1."""
    if isinstance(given, dict):
        return [given.get(str(c), 1.0) for c in range(classes)]
    return given


def weigh_classes(t, class_weight, axis):
    if class_weight is None:
        return t
    return t * along(class_weights(class_weight, t.shape[axis]), axis, t.ndim)


def sparse_labels(t, p, axis):
    """Labels without the class axis, and without a trailing 1."""
    if t.ndim == p.ndim:
        t = np.squeeze(t, axis=axis if t.shape[axis] == 1 else -1)
    return t.astype(np.int64)


def sparse_mask(t, p, ignore_class, axis):
    """(labels, predictions, mask) with ignored entries made harmless."""
    if ignore_class is None:
        return t, p, None
    mask = t != ignore_class
    return np.where(mask, t, 0), np.where(np.expand_dims(mask, axis), p, 1.0), mask


def masked(values, mask):
    return values if mask is None else (np.where(mask, values, 0.0), mask)


def sparse_categorical_crossentropy(
    t,
    p,
    from_logits=False,
    ignore_class=None,
    axis=-1,
    label_smoothing=0.0,
    class_weight=None,
    clip=CLIP,
):
    t, p, mask = sparse_mask(sparse_labels(t, p, axis), p, ignore_class, axis)
    log_p = log_softmax(p if from_logits else np.log(np.clip(p, *clip)), axis)
    classes = p.shape[axis]
    target = smoothed(one_hot(t, classes, axis), label_smoothing, 1.0 / classes)
    return masked(-(weigh_classes(target, class_weight, axis) * log_p).sum(axis=axis), mask)


def categorical_crossentropy(
    t, p, from_logits=False, label_smoothing=0.0, axis=-1, class_weight=None, clip=CLIP
):
    t, p = match_ranks(t, p)
    t = weigh_classes(smoothed(t, label_smoothing, 1.0 / p.shape[axis]), class_weight, axis)
    log_p = log_softmax(p, axis) if from_logits else np.log(np.clip(normalised(p, axis), *clip))
    return -(t * log_p).sum(axis=axis)


def binary_terms(t, p, from_logits, pos_weight, clip):
    if from_logits:
        cost_of_one, cost_of_zero = np.logaddexp(0.0, -p), np.logaddexp(0.0, p)
    else:
        p = np.clip(p, *clip)
        cost_of_one, cost_of_zero = -np.log(p), -np.log(1.0 - p)
    return pos_weight * t * cost_of_one + (1.0 - t) * cost_of_zero


def binary_crossentropy(
    t, p, from_logits=False, label_smoothing=0.0, axis=-1, pos_weight=1.0, clip=CLIP
):
    t, p = match_ranks(t, p)
    t = smoothed(t, label_smoothing, 0.5)
    return binary_terms(t, p, from_logits, pos_weight, clip).mean(axis=axis)


def binary_focal_crossentropy(
    t,
    p,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
    clip=CLIP,
):
    t, p = match_ranks(t, p)
    t = smoothed(t, label_smoothing, 0.5)
    if from_logits:
        p = 1.0 / (1.0 + np.exp(-p))
    right = t * p + (1.0 - t) * (1.0 - p)
    values = (1.0 - right) ** gamma * binary_terms(t, p, False, 1.0, clip)
    if apply_class_balancing:
        values = values * (t * alpha + (1.0 - t) * (1.0 - alpha))
    return values.mean(axis=axis)


def focal_terms(p, alpha, gamma, from_logits, axis, clip):
    p = np.exp(log_softmax(p, axis)) if from_logits else normalised(p, axis)
    p = np.clip(p, *clip)
    if np.ndim(alpha):
        alpha = along(alpha, axis, p.ndim)
    return -alpha * (1.0 - p) ** gamma * np.log(p)


def categorical_focal_crossentropy(
    t,
    p,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
    class_weight=None,
    clip=CLIP,
):
    t, p = match_ranks(t, p)
    t = weigh_classes(smoothed(t, label_smoothing, 1.0 / p.shape[axis]), class_weight, axis)
    return (t * focal_terms(p, alpha, gamma, from_logits, axis, clip)).sum(axis=axis)


def sparse_categorical_focal_crossentropy(
    t,
    p,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    ignore_class=None,
    axis=-1,
    label_smoothing=0.0,
    class_weight=None,
    clip=CLIP,
):
    t, p, mask = sparse_mask(sparse_labels(t, p, axis), p, ignore_class, axis)
    classes = p.shape[axis]
    target = smoothed(one_hot(t, classes, axis), label_smoothing, 1.0 / classes)
    terms = focal_terms(p, alpha, gamma, from_logits, axis, clip)
    return masked((weigh_classes(target, class_weight, axis) * terms).sum(axis=axis), mask)


def categorical_generalized_cross_entropy(t, p, q=0.5):
    hot = one_hot(sparse_labels(t, p, -1), p.shape[-1], -1)
    return (1.0 - (hot * p).sum(axis=-1) ** q) / q


# --- Overlaps, metric learning, sequences -------------------------------------


def dice(t, p, axis=None):
    t, p = match_ranks(t, p)
    axis = tuple(axis) if isinstance(axis, list) else axis
    total = t.sum(axis=axis) + p.sum(axis=axis)
    return 1.0 - 2.0 * (t * p).sum(axis=axis) / (total + EPSILON)


def tversky(t, p, alpha=0.5, beta=0.5, axis=None):
    """As in Keras, `alpha` weighs the missed and `beta` the wrongly claimed."""
    t, p = match_ranks(t, p)
    axis = tuple(axis) if isinstance(axis, list) else axis
    both = (t * p).sum(axis=axis)
    missed = (t * (1.0 - p)).sum(axis=axis)
    claimed = ((1.0 - t) * p).sum(axis=axis)
    return 1.0 - both / (both + alpha * missed + beta * claimed + EPSILON)


def log_sum_exp(x, axis):
    """log(sum(exp(x))), -inf where every entry is -inf."""
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isneginf(top), 0.0, top)
    with np.errstate(divide="ignore"):
        return np.squeeze(top, axis) + np.log(np.exp(x - top).sum(axis=axis))


def circle(t, p, gamma=80.0, margin=0.4, remove_diagonal=True):
    """Rows without a positive pair (or without a negative one) do not count."""
    labels = t.reshape(-1)
    same = labels[:, None] == labels[None, :]
    positive = same & ~np.eye(len(labels), dtype=bool) if remove_diagonal else same
    distance = np.maximum(1.0 - p @ p.T, 0.0)
    pull = -gamma * np.maximum(margin + distance, 0.0) * (margin - distance)
    push = gamma * np.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    score = log_sum_exp(np.where(positive, pull, -np.inf), 1) + log_sum_exp(
        np.where(~same, push, -np.inf), 1
    )
    values = np.logaddexp(0.0, score)
    return values, values > 0


def ctc(t, p):
    """Minus the log of the summed probability of every path; 0 is the blank."""
    log_p = log_softmax(p, -1)
    return np.array([_ctc_of_one(row[row != 0], log_p[i]) for i, row in enumerate(t)])


def _ctc_of_one(label, log_p):
    extended = np.zeros(2 * len(label) + 1, np.int64)
    extended[1::2] = label
    states = len(extended)
    alpha = np.full(states, -np.inf)
    alpha[:2] = log_p[0, extended[:2]]
    for step in log_p[1:]:
        previous = alpha
        alpha = previous.copy()
        for s in range(1, states):
            alpha[s] = np.logaddexp(alpha[s], previous[s - 1])
            may_skip = s > 1 and extended[s] != 0 and extended[s] != extended[s - 2]
            if may_skip:
                alpha[s] = np.logaddexp(alpha[s], previous[s - 2])
        alpha = alpha + step[extended]
    return -np.logaddexp(alpha[-1], alpha[-2] if states > 1 else -np.inf)
