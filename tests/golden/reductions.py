"""How values become a number: sample weights, masks, reductions, running means.

Written from the definitions, in float64, for losses and mean-style metrics.
"""

import numpy as np


def match_ranks(a, b):
    """Where ranks differ by one: squeeze a trailing 1, or expand a rank 1."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[..., None]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[..., None], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def align_weight(values, weight):
    """(values, weight) with `weight` ready for ordinary broadcasting."""
    if weight.ndim < values.ndim and weight.shape == values.shape[: weight.ndim]:
        return values, weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
    return match_ranks(values, weight)


def broadcast_weight(values, weight):
    """`weight` in the shape of `values`."""
    aligned, weight = align_weight(values, weight)
    return np.broadcast_to(weight, aligned.shape).reshape(values.shape)


def safe_divide(numerator, denominator):
    """numerator / denominator, and 0 where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    )
    zero = denominator == 0
    return np.where(zero, 0.0, numerator / np.where(zero, 1.0, denominator))


def reduce_loss(values, mask, weight, reduction):
    """The loss from its unreduced values; `mask` and `weight` may be None."""
    values = np.asarray(values, np.float64)
    weighted = values if mask is None else np.where(mask, values, 0.0)
    full_weight = None
    if weight is not None:
        weighted, aligned = align_weight(weighted, weight)
        full_weight = np.broadcast_to(aligned, weighted.shape)
        weighted = weighted * full_weight
    if reduction in (None, "none") or values.ndim == 0 or values.shape == (0,):
        return weighted
    total = weighted.sum()
    if reduction == "sum":
        return total
    if reduction in ("sum_over_batch_size", "mean"):
        return safe_divide(total, values.size if mask is None else mask.sum())
    assert reduction == "mean_with_sample_weight", reduction
    kept = np.ones(values.shape) if mask is None else mask.astype(np.float64)
    if full_weight is None:
        return safe_divide(total, kept.sum())
    return safe_divide(total, (full_weight * kept.reshape(full_weight.shape)).sum())


def per_sample(values):
    """Each sample's mean; a scalar is one sample."""
    if values.ndim == 0:
        return values.reshape(1)
    return (
        values.reshape(values.shape[0], -1).mean(axis=1)
        if values.size
        else np.zeros(values.shape[0])
    )


def weighted_mean_update(values, mask, weight):
    """What one update adds to (total, count) of a mean-style metric."""
    values = np.asarray(values, np.float64)
    if mask is not None:
        kept = mask.astype(np.float64)
        if weight is None:
            weight = kept
        else:
            weight = broadcast_weight(values, weight) * kept
        values = np.where(mask, values, 0.0)
    if weight is None:
        samples = per_sample(values)
        return samples.sum(), len(samples)
    if weight.ndim > values.ndim or weight.shape != values.shape[: weight.ndim]:
        values, weight = match_ranks(values, weight)
    if weight.ndim < values.ndim:
        values = values.mean(axis=tuple(range(weight.ndim, values.ndim)))
    weight = np.broadcast_to(weight, values.shape)
    return per_sample(values * weight).sum(), per_sample(weight).sum()


def weighted_sum_update(values, weight):
    """What one update adds to the total of the metric Sum."""
    if weight is None:
        return values.sum()
    values, weight = align_weight(values, weight)
    return (values * weight).sum()
