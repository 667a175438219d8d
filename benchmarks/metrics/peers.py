# SPDX-License-Identifier: Apache-2.0
"""What a Python user would otherwise update for a metric.

torchmetrics runs with validate_args=False, which is its fastest. The libraries get class ids where
they ask for them instead of one-hot rows, and the binned forms of the curves, as assay's are.
torcheval's BinaryBinnedAUROC only keeps its inputs at an update and counts them for the result: both are
measured together, as its update.
"""

import keras
import torch
import torcheval.metrics as torcheval
import torchmetrics
import torchmetrics.classification as classification

from contest import Contestant, limit


KEEPS_INPUTS = torcheval.BinaryBinnedAUROC


def torchmetrics_metric(class_name, config, classes):
    """(metric, whether it takes class ids, what makes its result comparable)."""
    fast = {"validate_args": False}
    thresholds = config.get("thresholds")
    curve = classification.BinaryPrecisionRecallCurve
    ids, floats = True, False
    return {
        "SparseCategoricalCrossentropy": lambda: (torchmetrics.text.Perplexity(), ids, torch.log),
        "SparseCategoricalAccuracy": lambda: (
            classification.MulticlassAccuracy(classes, average="micro", **fast), ids, None),
        "SparseTopKCategoricalAccuracy": lambda: (
            classification.MulticlassAccuracy(classes, top_k=5, average="micro", **fast), ids, None),
        "AUC": lambda: (classification.BinaryAUROC(thresholds=200, **fast), ids, None),
        "Precision": lambda: (
            (curve(thresholds=thresholds, **fast), ids, lambda r: r[0][:-1]) if thresholds
            else (classification.BinaryPrecision(**fast), ids, None)),
        "Recall": lambda: (
            (curve(thresholds=thresholds, **fast), ids, lambda r: r[1][:-1]) if thresholds
            else (classification.BinaryRecall(**fast), ids, None)),
        "F1Score": lambda: (classification.MulticlassF1Score(classes, average="macro", **fast), ids, None),
        "MeanIoU": lambda: (classification.MulticlassJaccardIndex(21, **fast), ids, None),
        "MeanSquaredError": lambda: (torchmetrics.MeanSquaredError(), floats, None),
        "R2Score": lambda: (torchmetrics.R2Score(), floats, None),
        "PearsonCorrelation": lambda: (torchmetrics.PearsonCorrCoef(), floats, None),
    }[class_name]()


def torcheval_metric(class_name, config, classes):
    """The same of torcheval, or None where it lacks the metric."""
    thresholds = config.get("thresholds")
    curve = torcheval.BinaryBinnedPrecisionRecallCurve
    ids, floats = True, False
    made = {
        "SparseCategoricalCrossentropy": lambda: (torcheval.Perplexity(), ids, torch.log),
        "SparseCategoricalAccuracy": lambda: (torcheval.MulticlassAccuracy(), ids, None),
        "SparseTopKCategoricalAccuracy": lambda: (
            torcheval.MulticlassAccuracy(num_classes=classes, k=5), ids, None),
        "AUC": lambda: (torcheval.BinaryBinnedAUROC(threshold=200), ids, lambda r: r[0]),
        "Precision": lambda: (
            (curve(threshold=torch.tensor(thresholds)), ids, lambda r: r[0][:-1]) if thresholds
            else (torcheval.BinaryPrecision(), ids, None)),
        "Recall": lambda: (
            (curve(threshold=torch.tensor(thresholds)), ids, lambda r: r[1][:-1]) if thresholds
            else (torcheval.BinaryRecall(), ids, None)),
        "F1Score": lambda: (
            torcheval.MulticlassF1Score(num_classes=classes, average="macro"), ids, None),
        "MeanSquaredError": lambda: (torcheval.MeanSquaredError(), floats, None),
        "R2Score": lambda: (torcheval.R2Score(), floats, None),
    }.get(class_name)
    return made and made()


def library_contestant(name, made, inputs, workload, which):
    metric, takes_ids, comparable = made
    target = inputs.labels if takes_ids else inputs.y_true
    prediction = inputs.y_pred
    if workload["y_true"] == "bits" or not takes_ids:
        target, prediction = target.flatten(), prediction.flatten()
    if isinstance(metric, (torchmetrics.text.Perplexity, torcheval.Perplexity)):
        target, prediction = target[None], prediction[None]

    def update():
        if isinstance(metric, KEEPS_INPUTS):
            metric.reset()
            metric.update(prediction, target)
            metric.compute()
        else:
            metric.update(prediction, target)

    def result():
        metric._computed = None  # torchmetrics keeps the result until the next update
        return metric.compute()

    def results():
        metric.reset()
        update()
        value = result()
        return [comparable(value) if comparable else value]

    return Contestant(name, update if which == "update" else result, results)


def keras_metric(assay):
    config = dict(assay["config"])
    class_name = assay["class_name"]
    return getattr(keras.metrics, class_name)(**config)


def contest(workload, which, inputs):
    assay = workload["assay"]
    arguments = (assay["class_name"], assay["config"], workload["shape"][-1])

    def door(name, metric):
        def update():
            metric.update_state(inputs.y_true, inputs.y_pred)

        def results():
            metric.reset_state()
            update()
            return [metric.result()]

        return Contestant(name, update if which == "update" else metric.result, results)

    contestants = [
        door("assay", torch.classes.assay.Metric(workload["assay_json"])),
        library_contestant("torchmetrics", torchmetrics_metric(*arguments), inputs, workload, which),
    ]
    made = torcheval_metric(*arguments)
    if made and not (which == "result" and isinstance(made[0], KEEPS_INPUTS)):
        contestants.append(library_contestant("torcheval", made, inputs, workload, which))
    contestants.append(door("keras", keras_metric(assay)))
    if which == "update":
        contestants.append(limit([inputs.y_true, inputs.y_pred]))
    return contestants
