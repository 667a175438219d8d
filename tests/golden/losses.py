"""Every loss: its options and what is drawn for it."""

import numpy as np
import scipy.stats
import sklearn.metrics
import torch

import formulas
import loss_corners as corners
import unlike_keras as unlike
from draws import (
    CLASS_SHAPES,
    binary,
    counts,
    dense,
    dense_scores,
    distributions,
    embeddings,
    gaussians,
    per_class,
    regression,
    sequences,
    signed,
    some_classes,
    sparse,
)
from loss_cases import UNSET, LossSpec, inner_axes

# --- Other libraries ----------------------------------------------------------


def pinball_by_sklearn(config, t, p):
    rows = p.data.reshape(-1, p.shape[-1])
    labels = t.data.reshape(rows.shape)
    pinball = sklearn.metrics.mean_pinball_loss
    q = config.get("quantile", 0.5)
    values = [pinball(label, row, alpha=q) for label, row in zip(labels, rows)]
    return "sklearn", np.array(values).reshape(p.shape[:-1])


def gaussian_by_scipy(config, t, p):
    mean, log_variance = np.split(p.data, 2, axis=-1)
    density = scipy.stats.norm.logpdf(t.data, mean, np.exp(log_variance / 2))
    constant = 0.0 if config.get("full") else 0.5 * np.log(2 * np.pi)
    return "scipy", -density.mean(axis=-1) - constant


def crossentropy_by_torch(config, t, p):
    """PyTorch has the options that Keras lacks, and takes clipped probabilities as logits."""
    view = unlike.sparse(config, t, p)
    if view is None or view.class_name is not None:
        return None
    axis = config.get("axis", -1)
    labels, predictions, mask = formulas.sparse_mask(
        formulas.sparse_labels(t.data, p.data, axis), p.data, config.get("ignore_class"), axis
    )
    labels = labels if mask is None else np.where(mask, labels, -100)
    if not config.get("from_logits"):
        predictions = np.log(np.clip(predictions, *formulas.CLIP))
    weight = formulas.class_weights(config.get("class_weight"), p.shape[axis])
    values = torch.nn.functional.cross_entropy(
        torch.tensor(predictions).movedim(axis, min(1, p.data.ndim - 1)),
        torch.tensor(labels),
        weight=None if weight is None else torch.tensor(weight, dtype=torch.float64),
        label_smoothing=config.get("label_smoothing", 0.0),
        reduction="none",
    )
    return "float64", values.numpy()


def pos_weight_by_torch(config, t, p):
    """PyTorch has pos_weight for logits, so probabilities are turned into those."""
    if "pos_weight" not in config:
        return None
    target = t.data.astype(np.float64).reshape(p.shape)
    target = formulas.smoothed(target, config.get("label_smoothing", 0.0), 0.5)
    logits = p.data if config.get("from_logits") else np.log(p.data) - np.log1p(-p.data)
    values = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(logits),
        torch.tensor(target),
        pos_weight=torch.tensor(config["pos_weight"], dtype=torch.float64),
        reduction="none",
    )
    return "float64", values.numpy().mean(axis=config.get("axis", -1))


# --- The losses ---------------------------------------------------------------


def overlap_axes(shape):
    whole = list(range(1, len(shape)))
    return [UNSET, None, -1, [-1], whole, whole[:1]] if whole else [UNSET, None]


OVERLAP_SHAPES = [(4, 3), (2, 5), (2, 2, 3), (2, 2, 3, 1), (2, 3, 4), (6,)]

LOSSES = [
    LossSpec(
        "SparseCategoricalCrossentropy",
        formulas.sparse_categorical_crossentropy,
        sparse,
        options=[
            {"from_logits": True},
            {},
            {"from_logits": True, "ignore_class": -1},
            {"ignore_class": 255},
            {"from_logits": True, "ignore_class": 1},
            {"from_logits": True, "class_weight": per_class},
            {"class_weight": per_class},
            {"label_smoothing": 0.1},
            {"from_logits": True, "label_smoothing": 0.25, "class_weight": per_class},
            {"from_logits": True, "ignore_class": 0, "class_weight": per_class},
            {"from_logits": True, "class_weight": some_classes},
        ],
        shapes=CLASS_SHAPES,
        axes=inner_axes,
        extras=corners.sparse,
        unlike_keras=unlike.sparse,
        other=crossentropy_by_torch,
        count=40,
    ),
    LossSpec(
        "CategoricalCrossentropy",
        formulas.categorical_crossentropy,
        dense,
        options=[
            {"from_logits": True},
            {},
            {"label_smoothing": 0.1},
            {"from_logits": True, "label_smoothing": 0.3},
            {"class_weight": per_class},
            {"from_logits": True, "class_weight": per_class, "label_smoothing": 0.2},
            {"from_logits": True, "class_weight": some_classes},
        ],
        shapes=CLASS_SHAPES,
        axes=inner_axes,
        extras=corners.dense,
        unlike_keras=unlike.dense("CategoricalCrossentropy"),
        count=36,
    ),
    LossSpec(
        "BinaryCrossentropy",
        formulas.binary_crossentropy,
        binary,
        options=[
            {"from_logits": True},
            {},
            {"label_smoothing": 0.1},
            {"from_logits": True, "label_smoothing": 0.4},
            {"from_logits": True, "pos_weight": 2.5},
            {"pos_weight": 0.5},
        ],
        axes=inner_axes,
        extras=corners.binary,
        other=pos_weight_by_torch,
    ),
    LossSpec("MeanSquaredError", formulas.mean_squared_error, regression(), extras=corners.squared),
    LossSpec(
        "MeanAbsoluteError", formulas.mean_absolute_error, regression(), extras=corners.squared
    ),
    LossSpec(
        "MeanAbsolutePercentageError",
        formulas.mean_absolute_percentage_error,
        regression(smallest_label=0.25),
        extras=corners.zero_label,
    ),
    LossSpec(
        "MeanSquaredLogarithmicError",
        formulas.mean_squared_logarithmic_error,
        regression(low=0.125, high=4.0),
        extras=corners.negative,
    ),
    LossSpec(
        "CosineSimilarity",
        formulas.cosine_similarity,
        regression(),
        axes=inner_axes,
        extras=corners.cosine,
    ),
    LossSpec(
        "Huber",
        formulas.huber,
        regression(kink=lambda options: options.get("delta", 1.0)),
        options=[{}, {"delta": 0.5}, {"delta": 2.0}, {"delta": 1.3}],
        extras=corners.far,
    ),
    LossSpec("LogCosh", formulas.log_cosh, regression(), extras=corners.far),
    LossSpec("Hinge", formulas.hinge, signed, extras=corners.hinge),
    LossSpec("SquaredHinge", formulas.squared_hinge, signed, extras=corners.hinge),
    LossSpec(
        "CategoricalHinge",
        formulas.categorical_hinge,
        dense_scores,
        shapes=CLASS_SHAPES,
        unlike_keras=unlike.hinge_of_nothing,
    ),
    LossSpec(
        "KLDivergence",
        formulas.kl_divergence,
        distributions,
        shapes=CLASS_SHAPES,
        extras=corners.divergence,
    ),
    LossSpec("Poisson", formulas.poisson, counts, extras=corners.poisson),
    LossSpec(
        "BinaryFocalCrossentropy",
        formulas.binary_focal_crossentropy,
        binary,
        options=[
            {"from_logits": True},
            {},
            {"gamma": 1.0, "label_smoothing": 0.1},
            {"from_logits": True, "apply_class_balancing": True},
            {"apply_class_balancing": True, "alpha": 0.75, "gamma": 3.0},
            {"from_logits": True, "gamma": 1.5, "label_smoothing": 0.2},
            {"gamma": 0.0},
        ],
        axes=inner_axes,
    ),
    LossSpec(
        "CategoricalFocalCrossentropy",
        formulas.categorical_focal_crossentropy,
        dense,
        options=[
            {"from_logits": True},
            {},
            {"gamma": 1.0, "label_smoothing": 0.1},
            {"alpha": 0.5, "gamma": 3.0},
            {"from_logits": True, "gamma": 1.5, "label_smoothing": 0.2},
            {"from_logits": True, "alpha": per_class, "axis": -1},
            {"gamma": 0.0, "alpha": 1.0},
            {"class_weight": per_class, "label_smoothing": 0.1},
            {"from_logits": True, "alpha": per_class, "axis": -1, "class_weight": some_classes},
        ],
        shapes=CLASS_SHAPES,
        axes=inner_axes,
        unlike_keras=unlike.dense("CategoricalFocalCrossentropy", "alpha", "gamma"),
    ),
    LossSpec(
        "CTC",
        formulas.ctc,
        sequences,
        shapes=[(3, 5, 4), (2, 4, 3), (4, 3, 3), (1, 6, 5), (2, 3, 5)],
        labels=["int64", "int32", "uint8", "float32"],
        trailing_labels=False,
        empty=False,
        extras=corners.ctc,
    ),
    LossSpec(
        "Dice",
        formulas.dice,
        binary,
        shapes=OVERLAP_SHAPES,
        axes=overlap_axes,
        empty=False,
        extras=corners.overlap,
    ),
    LossSpec(
        "Tversky",
        formulas.tversky,
        binary,
        options=[{}, {"alpha": 0.3, "beta": 0.7}, {"alpha": 1.0}, {"beta": 2.0}],
        shapes=OVERLAP_SHAPES,
        axes=overlap_axes,
        empty=False,
        extras=corners.overlap,
    ),
    LossSpec(
        "Circle",
        formulas.circle,
        embeddings,
        options=[
            {},
            {"gamma": 16.0},
            {"gamma": 8.0, "margin": 0.25},
            {"remove_diagonal": False, "gamma": 4.0},
            {"margin": 0.1},
        ],
        shapes=[(6, 3), (4, 2), (8, 4), (5, 3)],
        labels=["int64", "int32", "uint8", "float32"],
        empty=False,
        extras=corners.circle,
        keras_rtol=1e-7,
    ),
    LossSpec(
        "CategoricalGeneralizedCrossEntropy",
        formulas.categorical_generalized_cross_entropy,
        sparse,
        options=[{}, {"q": 0.2}, {"q": 0.7}, {"q": 0.95}],
        shapes=CLASS_SHAPES,
        unlike_keras=unlike.generalized,
    ),
    # Beyond Keras.
    LossSpec(
        "SparseCategoricalFocalCrossentropy",
        formulas.sparse_categorical_focal_crossentropy,
        sparse,
        options=[
            {"from_logits": True},
            {},
            {"alpha": 0.5, "gamma": 3.0},
            {"from_logits": True, "gamma": 1.5, "ignore_class": -1},
            {"ignore_class": 0, "alpha": 1.0, "gamma": 0.0},
            {"from_logits": True, "alpha": per_class, "axis": -1},
            {"label_smoothing": 0.1},
            {"from_logits": True, "class_weight": per_class, "label_smoothing": 0.2},
            {"class_weight": some_classes, "ignore_class": 1},
        ],
        shapes=CLASS_SHAPES,
        axes=inner_axes,
        unlike_keras=unlike.focal_sparse,
    ),
    LossSpec(
        "Quantile",
        formulas.quantile,
        regression(),
        options=[{}, {"quantile": 0.1}, {"quantile": 0.9}, {"quantile": 0.25}],
        other=pinball_by_sklearn,
    ),
    LossSpec(
        "GaussianNegativeLogLikelihood",
        formulas.gaussian_negative_log_likelihood,
        gaussians,
        options=[{}, {"full": True}],
        trailing_labels=False,
        other=gaussian_by_scipy,
    ),
]
