"""The metrics that count: thresholds and curves, F scores, intersection over union."""

import curves
import metric_corners as corners
import metric_formulas as values
import unlike_keras as unlike
from draws import (
    binary_segments,
    claims,
    per_class,
    segments,
    several_labels,
)
from metric_cases import MetricSpec

SHAPES = [(8,), (6, 1), (5, 3), (4, 4), (2, 3, 3), (3, 4), (1, 5), (2, 2, 2, 3)]
BINARY_LABELS = ["int64", "int32", "uint8", "float32", "like predictions"]
F_SHAPES = [(6, 3), (5, 2), (4, 4), (3, 5), (1, 4), (7, 1)]
ID_DTYPES = ["int64", "int32", "uint8", "float32", "int64", "bfloat16", "float64", "float16"]
ID_SHAPES = [(8,), (4, 3), (6, 1), (2, 3, 2), (3, 3), (2, 2, 1, 2)]
TOLERANT = {"keras_rtol": 5e-6, "keras_atol": 1e-6}  # Keras adds 1e-7 to denominators


def by_thresholds(name, result, options, extras, **more):
    return MetricSpec(
        name,
        result,
        claims,
        unlike.weighed_shape,
        options=options,
        shapes=SHAPES,
        labels=BINARY_LABELS,
        exact=True,
        fits=lambda options, shape: (
            "class_id" not in options
            and "top_k" not in options
            or len(shape) > 1
            and shape[-1] >= 3
        ),
        extras=extras,
        unlike_keras=unlike.claims,
        **more,
    )


COUNT_OPTIONS = [
    {},
    {"thresholds": 0.3},
    {"thresholds": [0.4]},
    {"thresholds": [0.25, 0.5, 0.8]},
    {"thresholds": [0.0, 0.5, 1.0]},
    {"thresholds": [0.7, 0.1]},
]
QUOTIENT_OPTIONS = COUNT_OPTIONS + [
    {"top_k": 2},
    {"class_id": 1},
    {"top_k": 2, "class_id": 0},
    {"thresholds": 0.3, "top_k": 1},
    {"thresholds": [0.3, 0.6], "class_id": 2},
]


def at_options(option):
    return [
        {option: 0.5},
        {option: 0.37, "num_thresholds": 11},
        {option: 0.83},
        {option: 0.61, "num_thresholds": 1},
        {option: 0.37, "class_id": 1},
        {option: 0.0, "num_thresholds": 50},
        {option: 1.0},
    ]


def at(name, constrained, wanted):
    return by_thresholds(
        name,
        curves.best_where(constrained[0], wanted, constrained[1]),
        at_options(constrained[1]),
        corners.at(constrained[1]),
    )


def fits_auc(options, shape):
    if options.get("multi_label"):
        return len(shape) == 2
    return "label_weights" not in options or (len(shape) > 1 and shape[-1] > 1)


AUC_OPTIONS = [
    {},
    {"num_thresholds": 11},
    {"num_thresholds": 2},
    {"curve": "PR"},
    {"curve": "PR", "summation_method": "minoring"},
    {"curve": "PR", "summation_method": "majoring", "num_thresholds": 50},
    {"summation_method": "minoring"},
    {"summation_method": "majoring"},
    {"curve": "PRGAIN"},
    {"curve": "PRGAIN", "summation_method": "majoring"},
    {"thresholds": [0.25, 0.5, 0.75]},
    {"thresholds": [0.8, 0.1, 0.4], "curve": "PR"},
    {"thresholds": [0.3]},
    {"from_logits": True},
    {"from_logits": True, "curve": "PR", "num_thresholds": 11},
    {"label_weights": per_class},
    {"multi_label": True},
    {"multi_label": True, "num_labels": lambda random, classes: classes},
    {"multi_label": True, "label_weights": per_class, "curve": "PR"},
    {"multi_label": True, "label_weights": per_class, "from_logits": True},
    {"multi_label": True, "thresholds": [0.2, 0.9], "summation_method": "majoring"},
]


def f_score(name, options):
    return MetricSpec(
        name,
        values.f_beta,
        several_labels,
        lambda config, t, p: t.shape,
        options=options,
        shapes=F_SHAPES,
        weight_kinds=lambda kind: kind != "trailing 1",
        exact=True,
        count=40,
        extras=corners.f,
        unlike_keras=unlike.f_beta,
        **TOLERANT,
    )


def intersection(name, result, draw, options, extras, **more):
    return MetricSpec(
        name,
        result,
        draw,
        lambda config, t, p: result.ids(config, t, p)[0].shape,
        options=options,
        exact=True,
        extras=extras,
        unlike_keras=unlike.iou(result),
        corners=("one", "empty", "zero weights"),
        **TOLERANT,
        **more,
    )


def id_options(**fixed):
    return [
        {"num_classes": 3, **fixed},
        {"num_classes": 4, "ignore_class": 1, **fixed},
        {"num_classes": 2, "ignore_class": -1, **fixed},
        {"num_classes": 5, **fixed},
    ]


def id_dtype_draw(**sparse):
    """Ids may be of any type, scores are floating."""
    draw = segments(**sparse)

    def drawn(random, shape, dtype, label, options):
        is_scores = not options.get("sparse_y_pred", sparse.get("sparse_y_pred", True))
        return draw(
            random, shape, "float32" if is_scores and "int" in dtype else dtype, label, options
        )

    return drawn


DENSE = {"sparse_y_true": False, "sparse_y_pred": False}
ONE_HOT = {"sparse_y_true": False, "sparse_y_pred": False}

COUNTING_METRICS = [
    by_thresholds("TruePositives", curves.condition_count(0), COUNT_OPTIONS, corners.at_threshold),
    by_thresholds("FalsePositives", curves.condition_count(1), COUNT_OPTIONS, corners.at_threshold),
    by_thresholds("TrueNegatives", curves.condition_count(2), COUNT_OPTIONS, corners.at_threshold),
    by_thresholds("FalseNegatives", curves.condition_count(3), COUNT_OPTIONS, corners.at_threshold),
    by_thresholds("Precision", curves.quotient(1), QUOTIENT_OPTIONS, corners.quotient, count=40),
    by_thresholds("Recall", curves.quotient(3), QUOTIENT_OPTIONS, corners.quotient, count=40),
    at("SensitivityAtSpecificity", ("specificity", "specificity"), "recall"),
    at("SpecificityAtSensitivity", ("recall", "sensitivity"), "specificity"),
    at("PrecisionAtRecall", ("recall", "recall"), "precision"),
    at("RecallAtPrecision", ("precision", "precision"), "recall"),
    MetricSpec(
        "AUC",
        curves.auc,
        claims,
        unlike.weighed_shape,
        options=AUC_OPTIONS,
        shapes=SHAPES,
        labels=BINARY_LABELS,
        fits=fits_auc,
        exact=True,
        count=63,
        extras=corners.auc,
        unlike_keras=unlike.claims,
    ),
    f_score(
        "F1Score",
        [
            {},
            {"average": "micro"},
            {"average": "macro", "threshold": 0.5},
            {"average": "weighted"},
            {"threshold": 0.3},
            {"average": "micro", "threshold": 1.0},
        ],
    ),
    f_score(
        "FBetaScore",
        [
            {"beta": 2.0},
            {},
            {"average": "micro", "beta": 0.5},
            {"average": "macro", "threshold": 0.5, "beta": 3.0},
            {"average": "weighted", "beta": 2.0},
            {"threshold": 0.3, "beta": 0.5},
        ],
    ),
    intersection(
        "IoU",
        values.iou(),
        id_dtype_draw(),
        id_options(target_class_ids=[0])
        + [
            {"num_classes": 3, "target_class_ids": [0, 2], **DENSE},
            {"num_classes": 3, "target_class_ids": [1], "sparse_y_pred": False},
            {"num_classes": 3, "target_class_ids": [1, 2], "axis": 1, "sparse_y_pred": False},
        ],
        corners.iou(target_class_ids=[0]),
        shapes=ID_SHAPES,
        dtypes=ID_DTYPES,
        fits=lambda options, shape: "axis" not in options or len(shape) > 1,
    ),
    MetricSpec(
        "BinaryIoU",
        values.binary_iou,
        binary_segments,
        lambda config, t, p: t.shape,
        options=[
            {},
            {"threshold": 0.3},
            {"target_class_ids": [1]},
            {"target_class_ids": [0], "threshold": 0.75},
        ],
        exact=True,
        extras=corners.binary_iou,
        unlike_keras=unlike.iou(values.binary_iou),
        corners=("one", "empty", "zero weights"),
        **TOLERANT,
    ),
    intersection(
        "MeanIoU",
        values.iou(),
        id_dtype_draw(),
        id_options()
        + [
            {"num_classes": 3, **DENSE},
            {"num_classes": 3, "axis": 1, **DENSE},
        ],
        corners.iou(),
        shapes=ID_SHAPES,
        dtypes=ID_DTYPES,
        fits=lambda options, shape: "axis" not in options or len(shape) > 1,
    ),
    intersection(
        "OneHotIoU",
        values.iou(**ONE_HOT),
        id_dtype_draw(**ONE_HOT),
        [
            {"num_classes": 3, "target_class_ids": [0, 2]},
            {"num_classes": 4, "target_class_ids": [1], "ignore_class": 0},
            {"num_classes": 3, "target_class_ids": [0], "sparse_y_pred": True},
            {"num_classes": 3, "target_class_ids": [1, 2], "axis": 1},
        ],
        corners.one_hot(target_class_ids=[0, 2]),
        shapes=[(8,), (3, 3), (5, 1), (2, 3, 2)],
        dtypes=ID_DTYPES,
        fits=lambda options, shape: "axis" not in options or len(shape) > 1,
    ),
    intersection(
        "OneHotMeanIoU",
        values.iou(**ONE_HOT),
        id_dtype_draw(**ONE_HOT),
        [
            {"num_classes": 3},
            {"num_classes": 4, "ignore_class": 0},
            {"num_classes": 3, "sparse_y_pred": True},
            {"num_classes": 3, "axis": 1},
        ],
        corners.one_hot(),
        shapes=[(8,), (3, 3), (5, 1), (2, 3, 2)],
        dtypes=ID_DTYPES,
        fits=lambda options, shape: "axis" not in options or len(shape) > 1,
    ),
]
