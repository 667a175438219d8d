# SPDX-License-Identifier: Apache-2.0
"""What script/bench distributed measures."""

PROCESSES = (2, 4, 8)
ROUNDS = 9

# Ten kinds of metrics, three times: the counting ones at three thresholds. The name of each, its
# options for assay, and for torchmetrics.
KINDS = [
    ("BinaryAccuracy", lambda t: {"threshold": t}, "BinaryAccuracy", lambda t: {"threshold": t}),
    ("Precision", lambda t: {"thresholds": t}, "BinaryPrecision", lambda t: {"threshold": t}),
    ("Recall", lambda t: {"thresholds": t}, "BinaryRecall", lambda t: {"threshold": t}),
    ("AUC", lambda t: {"num_thresholds": round(400 * t)},
     "BinaryAUROC", lambda t: {"thresholds": round(400 * t)}),
    ("SensitivityAtSpecificity", lambda t: {"specificity": t},
     "BinarySensitivityAtSpecificity", lambda t: {"min_specificity": t, "thresholds": 200}),
    ("MeanSquaredError", lambda t: {}, "MeanSquaredError", lambda t: {}),
    ("MeanAbsoluteError", lambda t: {}, "MeanAbsoluteError", lambda t: {}),
    ("RootMeanSquaredError", lambda t: {}, "MeanSquaredError", lambda t: {"squared": False}),
    ("MeanSquaredLogarithmicError", lambda t: {}, "MeanSquaredLogError", lambda t: {}),
    ("R2Score", lambda t: {}, "R2Score", lambda t: {}),
]
THRESHOLDS = (0.25, 0.5, 0.75)


def assay_metrics():
    return {f"{name} at {t:.0%}": {"class_name": name, "config": options(t)}
            for t in THRESHOLDS for name, options, _, _ in KINDS}


def torchmetrics_metrics():
    import torchmetrics
    from torchmetrics import classification
    metrics = {}
    for t in THRESHOLDS:
        for name, _, peer, options in KINDS:
            made = getattr(classification, peer, None) or getattr(torchmetrics, peer)
            metrics[f"{name} at {t:.0%}"] = made(**options(t), compute_with_cache=False)
    return metrics


# What one process does with that many messages, each one's states.
MERGES = {"metrics": assay_metrics(), "merges": 1024}

# How often a round does each, and how far results may differ. torchmetrics places its thresholds
# otherwise than Keras, which AUC and SensitivityAtSpecificity feel.
WORKLOADS = {
    "30 metrics": {"metrics": assay_metrics(), "times": 10, "tolerance": 6e-3},
    "mlp": {"model": "mlp", "rows_each": 32, "times": 100, "tolerance": 1e-4},
    "cnn": {"model": "cnn", "rows_each": 16, "times": 8, "tolerance": 1e-4},
}
