# SPDX-License-Identifier: Apache-2.0
"""What each metric gives as its predictions, or its threshold, move. Those that are the mean of a loss
have its picture (places.py)."""
import json
import math

import torch

from . import plot, samples
from .losses import directions, number

POINTS = 61


def made(name, options):
    return torch.classes.assay.Metric(json.dumps({"class_name": name, "config": options}))


def result(name, options, updates):
    metric = made(name, options)
    metric.update_state(*updates)
    return metric.result()


def of(options, example):
    """The metric of the example at x."""
    return lambda name, x: float(result(name, options, example(x)))


def other(name, example, **options):
    """Another metric of the example, to compare with."""
    return lambda _, x: float(result(name, options, example(x)))


def at_threshold(example, key="thresholds", **options):
    """The metric of one example at the threshold x."""
    return lambda name, x: float(result(name, {key: x, **options}, example))


def part(options, example, index):
    return lambda name, x: float(result(name, options, example(x))[index])


def moving(label, first, last, lines, points=POINTS):
    """A line for each of `lines`: what it is called, and what it gives for a metric's name and x."""
    xs = [first + (last - first) * i / (points - 1) for i in range(points)]

    def draw(name):
        drawn = [plot.Line(said, [(x, value(name, x)) for x in xs]) for said, value in lines.items()]
        return plot.chart(f"{name} by {label}", label, drawn)

    return draw


def streamed(values, lines):
    """The values as they come, and what each metric of `lines` (its name, options, and the weight of the
    values) has made of them by then."""
    def draw(name):
        drawn = [plot.Line("values", list(enumerate(values.tolist(), 1)))]
        for said, (metric_name, options, weight) in lines.items():
            metric, points = made(metric_name, options), []
            for i, value in enumerate(values, 1):
                metric.update_state(value[None], None, torch.tensor([weight]))
                points.append((i, float(metric.result())))
            drawn.append(plot.Line(said, points))
        return plot.chart(f"{name} by update", "update", drawn)

    return draw


def traced(label, row_x, row_y, lines):
    """A metric whose result is a curve: a row of it over another."""
    def draw(name):
        drawn = []
        for said, example in lines.items():
            points = result(name, {"num_thresholds": POINTS}, example)
            drawn.append(plot.Line(said, list(zip(points[row_x].tolist(), points[row_y].tolist(),
                                                  strict=True))))
        return plot.chart(f"{name}: {label}", label, drawn)

    return draw


def interval(name):
    label, said = "samples seen, of which 7 in 10 are right", "accuracy, with its 95 % interval"
    right = samples.shuffled((torch.arange(400) % 10 < 7).float())
    metric, rows = made(name, {"metric": "binary_accuracy"}), []
    for i in range(0, len(right), 10):
        metric.update_state(torch.ones(10, 1), right[i:i + 10, None])
        rows.append([(i + 10, value) for value in metric.result().tolist()])
    mean, low, high = (plot.Line(said, list(points)) for points in zip(*rows, strict=True))
    return plot.chart(f"{name} by {label}", label, [mean], (low, high))


def matrix(name):
    label = "class (row) and what it is predicted as (column)"
    pairs = [(0, 0)] * 17 + [(0, 1)] * 3 + [(1, 0)] * 6 + [(1, 1)] * 12 + [(1, 2)] * 2 + [(2, 2)] * 20
    labels, predictions = torch.tensor(pairs).T
    counts = result(name, {"num_classes": 3}, (labels, predictions))
    return plot.cells(f"{name}: {label}", label, counts.tolist(), ["0", "1", "2"])


THRESHOLD = ("threshold", 0.005, 0.995)
APART = ("distance of the classes' scores in σ", 0.0, 4.0)
RARE = ("distance of classes in σ, 1 in 10 positive", 0.2, 4.0)
SHARE = ("share of right predictions", 0.0, 1.0)
SHIFT = ("columns by which the mask of an object is off", 0.0, 12.0)
ADDED = ("lead of the right class's score over noise", -2.0, 4.0)
NOISE = ("deviation of the noise, the labels' being 1", 0.0, 3.0)
FOUND = ("share of a rare class (1 in 10) that is found", 0.0, 1.0)
OBJECT = {"the object": [1], "the background": [0], "both": [0, 1]}
TWO = {"num_classes": 2}


def counts():
    return moving(*THRESHOLD, {f"classes {apart}σ apart": at_threshold(samples.scores(apart))
                               for apart in (1, 4)})


def best_at(option):
    """The best of one quantity while another is at least so much."""
    return moving(*RARE, {f"{option} {least:g}": of({option: least}, samples.rare)
                          for least in (0.5, 0.9, 0.99)})


def top(dense):
    def example(x):
        found = samples.ranked(x, 10)
        return samples.dense(found, 10) if dense else found

    return moving(*ADDED, {f"k {k}, of 10 classes": of({"k": k}, example) for k in (1, 3, 5)})


def largest(dense):
    def example(classes):
        return lambda x: (samples.dense(samples.ranked(x, classes), classes) if dense
                          else samples.ranked(x, classes))

    return moving(*ADDED, {f"{classes} classes": of({}, example(classes)) for classes in (2, 4, 10)})


def overlap(masks):
    return moving(*SHIFT, {said: of({**TWO, "target_class_ids": ids}, lambda x: masks(x, 12))
                           for said, ids in OBJECT.items()}, points=13)


def mean_overlap(masks):
    return moving(*SHIFT, {f"{width} columns wide": of(TWO, lambda x, width=width: masks(x, width))
                           for width in (2, 6, 12)}, points=13)


def beside(x, error):
    """A prediction x and one that is off by so much, of labels 0."""
    return torch.zeros(2, 1), torch.tensor([[x], [error]])


def tokens(x, certain):
    """One token of probability x, beside others that are certain."""
    return torch.zeros(1 + certain, dtype=torch.long), torch.tensor([[x, 1 - x]] + [[1.0, 0.0]] * certain)


def flipped(labels):
    return lambda x: samples.partly_right(labels, 1 - labels, x)


def weighted(x):
    labels = torch.arange(40) % 2
    weights = torch.where(torch.arange(40) < 20, 3.0, 1.0)
    return *samples.partly_right(labels, 1 - labels, x), weights


def neighbours(x):
    """Five ordered classes, where what is wrong is the class beside the right one."""
    labels = torch.arange(40) % 5
    return samples.partly_right(labels, torch.where(labels < 4, labels + 1, 3), x)


def scaled(x):
    labels = samples.bell(100)[None]
    return labels, x * labels


def missed_one_hot(x):
    return tuple(samples.one_hot(ids, 3) for ids in samples.missed(x, [120, 60, 20]))


def missed_pair(x):
    return samples.missed(x, [180, 20])


def kinds(x):
    """Three classes; the rows of each are noisier than the last's."""
    labels = torch.arange(300) % 3
    disturbance = samples.noise(300, 3) * torch.tensor([0.3, 1.0, 3.0])[labels][:, None]
    return labels, torch.softmax(x * samples.one_hot(labels, 3) + disturbance, 1)


def columns(example):
    """The rows of an example as columns."""
    return lambda x: tuple(part.T for part in example(x))


JUMP = torch.cat([torch.full((50,), 1.0), torch.full((50,), 3.0)]) + 0.5 * samples.shuffled(samples.bell(100))
VALUES = 1 + 0.3 * samples.shuffled(samples.bell(60))
HALF, TENTH = torch.arange(200) % 2, (torch.arange(200) % 10 == 0).long()
PER_CLASS = {"metric": "recall", "class_names": ["quiet", "noisy", "noisiest"]}
THREE_FNS = ("mean_squared_error", "mean_absolute_error", "log_cosh")

PICTURES = {
    "AUC": moving(*RARE, {f"{curve} curve": of({"curve": curve}, samples.rare)
                           for curve in ("ROC", "PR", "PRGAIN")}),
    "Accuracy": moving(*SHARE, {
        "as it is": of({}, lambda x: weighted(x)[:2]),
        "where the first half weighs 3": of({}, weighted)}, points=41),
    "AveragePrecision": moving(*APART, {
        f"1 positive in {of_all}": of({}, lambda x, n=50 * (of_all - 1): samples.scores(x, 50, n))
        for of_all in (2, 10, 50)}),
    "BalancedAccuracy": moving(*FOUND, {
        "BalancedAccuracy": of(TWO, missed_pair), "Accuracy": other("Accuracy", missed_pair)}, points=21),
    "BinaryAccuracy": moving(*THRESHOLD, {
        "half are positive": at_threshold(samples.scores(2), "threshold"),
        "a tenth is positive": at_threshold(samples.rare(2), "threshold")}),
    "BinaryIoU": moving(*THRESHOLD, {
        said: at_threshold(samples.rare(3), "threshold", target_class_ids=ids)
        for said, ids in {"class 1, a tenth": [1], "class 0": [0], "both": [0, 1]}.items()}),
    "BootstrapInterval": interval,
    "BrierScore": moving("probability", 0.0, 1.0, {
        f"label {label:g}": of({}, lambda x, label=label: number(x, label)) for label in (1.0, 0.7, 0.0)}),
    "CategoricalAccuracy": largest(dense=True),
    "CohenKappa": moving("share right, the others off by one class", 0.0, 1.0, {
        f"weighting {weighting or 'null'}": of({"num_classes": 5, "weighting": weighting}, neighbours)
        for weighting in (None, "linear", "quadratic")}, points=9),
    "ConcordanceCorrelation": moving("factor of the predictions to the labels", 0.05, 3.0, {
        "ConcordanceCorrelation": of({}, scaled),
        "PearsonCorrelation": other("PearsonCorrelation", scaled)}),
    "ConfusionMatrix": matrix,
    "CosineSimilarity": moving("angle of label and prediction", 0.0, math.pi, {"": of({}, directions)}),
    "ExpectedCalibrationError": moving("confidence of all predictions", 0.5, 1.0, {
        f"accuracy {accuracy:g}": of({}, lambda x, accuracy=accuracy: samples.confident(x, accuracy))
        for accuracy in (0.6, 0.75, 0.9)}),
    "F1Score": moving(*FOUND, {f"average {average}": of({"average": average}, missed_one_hot)
                               for average in ("micro", "macro", "weighted")}, points=21),
    "FBetaScore": moving(*THRESHOLD, {
        f"beta {beta:g}": at_threshold(samples.scores(2), "threshold", beta=beta, average="micro")
        for beta in (0.5, 1.0, 2.0)}),
    "FalseNegatives": counts(),
    "FalsePositives": counts(),
    "IoU": overlap(samples.masks),
    "MatthewsCorrelation": moving(*SHARE, {
        "half are positive": of(TWO, flipped(HALF)),
        "a tenth is positive": of(TWO, flipped(TENTH))}, points=21),
    "Mean": streamed(VALUES, {"mean": ("Mean", {}, 1.0)}),
    "MeanIoU": mean_overlap(samples.masks),
    "MeanMetricWrapper": moving("prediction, where the label is 0", -3.0, 3.0, {
        f"fn {fn}": of({"fn": fn}, lambda x: number(x, 0.0)) for fn in THREE_FNS}),
    "OneHotIoU": overlap(samples.one_hot_masks),
    "OneHotMeanIoU": mean_overlap(samples.one_hot_masks),
    "PearsonCorrelation": moving(*NOISE, {
        "labels and noise": of({}, lambda x: samples.noisy(1, x)),
        "minus the labels and noise": of({}, lambda x: samples.noisy(-1, x))}),
    "PerClass": moving(*ADDED, {f"{said}: recall": part(PER_CLASS, kinds, i)
                                for i, said in enumerate(PER_CLASS["class_names"])}),
    "Perplexity": moving("probability of the right token, of two", 0.1, 1.0, {
        "alone": of({}, lambda x: tokens(x, 0)),
        "beside one that is certain": of({}, lambda x: tokens(x, 1)),
        "beside three": of({}, lambda x: tokens(x, 3))}),
    "Precision": moving(*THRESHOLD, {"half are positive": at_threshold(samples.scores(2)),
                                     "a tenth is positive": at_threshold(samples.rare(2))}),
    "PrecisionAtRecall": best_at("recall"),
    "PrecisionRecallCurve": traced("precision against recall, 1 in 10 positive", 0, 1, {
        f"classes {apart}σ apart": samples.rare(apart) for apart in (1, 2, 4)}),
    "R2Score": moving("deviation of the errors, the labels' being 1", 0.0, 1.2, {
        f"num_regressors {k}": of({"num_regressors": k}, columns(lambda x: samples.noisy(1, x)))
        for k in (0, 50)}),
    "ROCCurve": traced("true positive rate against false positive rate", 0, 1, {
        f"classes {apart}σ apart": samples.scores(apart) for apart in (1, 2, 4)}),
    "Recall": moving(*THRESHOLD, {f"classes {apart}σ apart": at_threshold(samples.scores(apart))
                                  for apart in (1, 2, 4)}),
    "RecallAtPrecision": best_at("precision"),
    "RootMeanSquaredError": moving("prediction, where the label is 0", -3.0, 3.0, {
        "alone": of({}, lambda x: number(x, 0.0)),
        "beside one that is right": of({}, lambda x: beside(x, 0.0)),
        "beside one that is off by 2": of({}, lambda x: beside(x, 2.0))}),
    "SensitivityAtSpecificity": best_at("specificity"),
    "SlidingWindow": streamed(JUMP, {
        "window of 20": ("SlidingWindow", {"metric": "mean", "window": 20}, 1.0),
        "mean of all": ("Mean", {}, 1.0)}),
    "SparseCategoricalAccuracy": largest(dense=False),
    "SparseTopKCategoricalAccuracy": top(dense=False),
    "SpecificityAtSensitivity": best_at("sensitivity"),
    "Sum": streamed(VALUES, {"sum": ("Sum", {}, 1.0), "sum with weights 0.5": ("Sum", {}, 0.5)}),
    "TopKCategoricalAccuracy": top(dense=True),
    "TrueNegatives": counts(),
    "TruePositives": counts(),
}
