"""The metrics that Keras has and that are means or correlations: options and draws."""

import numpy as np

import formulas
import metric_corners as corners
import metric_formulas as values
import unlike_keras as unlike
from draws import (
    CLASS_SHAPES,
    binary,
    counts,
    dense,
    dense_scores,
    distributions,
    matching,
    regression,
    signed,
    sparse,
    spread,
    top_k,
    untied_dense,
    untied_sparse,
)
from loss_cases import inner_axes
from metric_cases import MetricSpec, mean_spec
from reductions import safe_divide, weighted_mean_update, weighted_sum_update
from tensors import tensor

REGRESSION_LABELS = ["int64", "int32", "uint8", "float32", "like predictions", "like predictions"]


# --- What is drawn ------------------------------------------------------------


def plain_values(random, shape, dtype, label, options):
    return tensor(random.real(shape, dtype, -3, 5), dtype), None


FUNCTIONS = {
    "mean_squared_error": (formulas.mean_squared_error, regression()),
    "mean_absolute_error": (formulas.mean_absolute_error, regression()),
    "binary_crossentropy": (formulas.binary_crossentropy, binary),
    "categorical_crossentropy": (formulas.categorical_crossentropy, dense),
    "sparse_categorical_crossentropy": (formulas.sparse_categorical_crossentropy, sparse),
    "cosine_similarity": (formulas.cosine_similarity, regression()),
    "huber": (formulas.huber, regression(kink=lambda options: 1.0)),
    "log_cosh": (formulas.log_cosh, regression()),
    "poisson": (formulas.poisson, regression(low=0.25)),
    "kl_divergence": (formulas.kl_divergence, dense),
    "binary_focal_crossentropy": (formulas.binary_focal_crossentropy, binary),
    "categorical_focal_crossentropy": (formulas.categorical_focal_crossentropy, dense),
}


def wrapped(t, p, fn, clip):
    formula = FUNCTIONS[fn][0]
    return values_with_clip(formula, t, p, clip)


def values_with_clip(formula, t, p, clip):
    takes_clip = "clip" in formula.__code__.co_varnames
    return formula(t, p, clip=clip) if takes_clip else formula(t, p)


def draw_wrapped(random, shape, dtype, label, options):
    return FUNCTIONS[options["fn"]][1](random, shape, dtype, label, {})


def spread_columns(random, shape, dtype, label, options):
    """As `spread`, down the columns; a batch of one is left as it is drawn."""
    if shape[0] == 1:
        return regression()(random, shape, dtype, label, options)
    return spread(random, shape, dtype, label, {"axis": 0})


# --- The metrics --------------------------------------------------------------


SUM = MetricSpec(
    "Sum",
    lambda config, updates, precision: sum(weighted_sum_update(t, w) for t, _, w in updates),
    plain_values,
    lambda config, t, p: t.shape,
    corners=("one", "empty", "zero weights", "dtype"),
)
MEAN = MetricSpec(
    "Mean",
    lambda config, updates, precision: safe_divide(
        *np.sum([weighted_mean_update(t, None, w) for t, _, w in updates], axis=0)
    ),
    plain_values,
    lambda config, t, p: t.shape,
    extras=corners.mean,
)
WRAPPER = mean_spec(
    "MeanMetricWrapper",
    wrapped,
    draw_wrapped,
    options=[{"fn": name} for name in FUNCTIONS],
    shapes=[s for s in CLASS_SHAPES if len(s) > 1],
)

TOP_K_SHAPES = [(4, 6), (3, 5), (2, 2, 6), (2, 3, 5), (1, 7), (2, 2, 2, 5)]
CORRELATED_SHAPES = [(4, 3), (2, 5), (3, 4), (6,), (2, 3, 4), (2, 4, 3), (2, 3, 5)]

METRICS = [
    MEAN,
    SUM,
    mean_spec(
        "SparseCategoricalCrossentropy",
        formulas.sparse_categorical_crossentropy,
        sparse,
        options=[
            {"from_logits": True},
            {},
            {"from_logits": True, "ignore_class": -1},
            {"ignore_class": 255},
            {"from_logits": True, "ignore_class": 1},
        ],
        shapes=CLASS_SHAPES,
        axes=inner_axes,
        trailing_labels=True,
        extras=corners.sparse,
        unlike_keras=unlike.sparse_metric,
        count=40,
    ),
    mean_spec(
        "CategoricalCrossentropy",
        formulas.categorical_crossentropy,
        dense,
        options=[
            {"from_logits": True},
            {},
            {"label_smoothing": 0.1},
            {"from_logits": True, "label_smoothing": 0.3},
        ],
        shapes=CLASS_SHAPES,
        axes=inner_axes,
        extras=corners.dense,
        unlike_keras=unlike.dense_metric,
    ),
    mean_spec(
        "BinaryCrossentropy",
        formulas.binary_crossentropy,
        binary,
        options=[
            {"from_logits": True},
            {},
            {"label_smoothing": 0.1},
            {"from_logits": True, "label_smoothing": 0.4},
        ],
        extras=corners.binary,
    ),
    mean_spec(
        "Accuracy",
        values.accuracy,
        matching,
        dtypes=["float32", "float64", "int32", "int64", "bfloat16", "float16", "uint8"],
        trailing_labels=True,
        exact=True,
        extras=corners.accuracy,
    ),
    mean_spec(
        "BinaryAccuracy",
        values.binary_accuracy,
        lambda random, shape, dtype, label, options: (
            tensor(random.integers(shape, 0, 2), label),
            random.unit(shape, dtype),
        ),
        options=[{}, {"threshold": 0.3}, {"threshold": 0.75}, {"threshold": 0.0}],
        trailing_labels=True,
        exact=True,
        extras=corners.threshold,
    ),
    mean_spec(
        "CategoricalAccuracy",
        values.categorical_accuracy,
        untied_dense,
        shapes=CLASS_SHAPES,
        exact=True,
        extras=corners.argmax(True),
        unlike_keras=unlike.nan_or_tie,
    ),
    mean_spec(
        "SparseCategoricalAccuracy",
        values.sparse_categorical_accuracy,
        untied_sparse,
        shapes=CLASS_SHAPES,
        trailing_labels=True,
        exact=True,
        extras=corners.argmax(False),
        unlike_keras=unlike.nan_or_tie,
    ),
    mean_spec(
        "MeanSquaredError",
        formulas.mean_squared_error,
        regression(),
        labels=REGRESSION_LABELS,
        trailing_labels=True,
        extras=corners.one_sample,
    ),
    mean_spec(
        "MeanAbsoluteError",
        formulas.mean_absolute_error,
        regression(),
        labels=REGRESSION_LABELS,
        trailing_labels=True,
        extras=corners.one_sample,
    ),
    WRAPPER,
    mean_spec(
        "RootMeanSquaredError",
        values.squared_errors,
        regression(),
        finish=np.sqrt,
        trailing_labels=True,
        extras=corners.root,
    ),
    mean_spec(
        "MeanAbsolutePercentageError",
        formulas.mean_absolute_percentage_error,
        regression(smallest_label=0.25),
        trailing_labels=True,
    ),
    mean_spec(
        "MeanSquaredLogarithmicError",
        formulas.mean_squared_logarithmic_error,
        regression(low=0.125, high=4.0),
        trailing_labels=True,
    ),
    mean_spec(
        "CosineSimilarity",
        formulas.unit_cosine,
        regression(),
        axes=inner_axes,
        trailing_labels=True,
    ),
    mean_spec("LogCoshError", formulas.log_cosh, regression(), trailing_labels=True),
    mean_spec("Hinge", formulas.hinge, signed, extras=corners.hinge),
    mean_spec("SquaredHinge", formulas.squared_hinge, signed, extras=corners.hinge),
    mean_spec(
        "CategoricalHinge",
        formulas.categorical_hinge,
        dense_scores,
        shapes=CLASS_SHAPES,
        unlike_keras=unlike.no_maximum,
    ),
    mean_spec(
        "KLDivergence",
        formulas.kl_divergence,
        distributions,
        shapes=CLASS_SHAPES,
        extras=corners.divergence,
    ),
    mean_spec("Poisson", formulas.poisson, counts),
    mean_spec(
        "TopKCategoricalAccuracy",
        values.top_k_categorical_accuracy,
        untied_dense,
        options=[{"k": 2}, {}, {"k": 1}, {"k": 3}],
        shapes=TOP_K_SHAPES,
        exact=True,
        extras=corners.top_k(True),
        unlike_keras=unlike.top_k,
    ),
    mean_spec(
        "SparseTopKCategoricalAccuracy",
        values.sparse_top_k_categorical_accuracy,
        top_k,
        options=[{"k": 2}, {}, {"k": 1}, {"k": 3}, {"k": 3, "from_sorted_ids": True}],
        shapes=TOP_K_SHAPES,
        exact=True,
        extras=corners.top_k(False),
        unlike_keras=unlike.top_k,
    ),
    mean_spec(
        "PearsonCorrelation",
        values.pearson_correlation,
        spread,
        shapes=CORRELATED_SHAPES,
        axes=inner_axes,
        trailing_labels=True,
        corners=("one", "zero weights", "dtype"),
    ),
    mean_spec(
        "ConcordanceCorrelation",
        values.concordance_correlation,
        spread,
        shapes=CORRELATED_SHAPES,
        axes=inner_axes,
        trailing_labels=True,
        corners=("one", "zero weights", "dtype"),
    ),
    MetricSpec(
        "R2Score",
        values.r2_score,
        spread_columns,
        lambda config, t, p: p.shape,
        options=[
            {},
            {"class_aggregation": None},
            {"class_aggregation": "variance_weighted_average"},
            {"num_regressors": 2},
            {"class_aggregation": None, "num_regressors": 1},
        ],
        shapes=[(5, 3), (4, 1), (6, 2), (4, 4)],
        corners=("one", "dtype"),
        single=False,
        extras=corners.r2,
        unlike_keras=unlike.r2,
    ),
]
