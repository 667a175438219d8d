"""Corner cases of single metrics, by hand: reference pages, ties, ends, nothing at all."""

import numpy as np

from tensors import f32, i64, tensor


def mean(cases, random):
    squares = f32([[1, 4], [9, 16]])
    cases.add("(2,2), weight of shape (2)", {}, [(squares, None, f32([1, 10]))])
    cases.add("(2,2), weight of shape (1,2)", {}, [(squares, None, f32([[1, 10]]))])
    cases.add("Keras's page", {}, [(f32([1, 3, 5, 7]), None, None)])
    cases.add("Keras's page, weighted", {}, [(f32([1, 3, 5, 7]), None, f32([1, 1, 0, 0]))])
    cases.add("a scalar", {}, [(f32(2.5), None, None), (f32(4), None, None)])
    cases.add("a scalar, weighted", {}, [(f32(2.5), None, f32(2)), (f32(4), None, None)])
    whole = i64([[1, 2], [3, 5]])
    cases.add("whole numbers", {}, [(whole, None, None), (i64([[7, 7]]), None, f32([0.5]))])


def sparse(cases, random):
    t, p = i64([1, 2]), f32([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])
    cases.add("reference page", {}, [(t, p, None)])
    cases.add("reference page, weighted", {}, [(t, p, f32([0.3, 0.7]))])
    p = f32([[0.25, 0.5, 0.25], [np.nan] * 3, [0.5, 0.25, 0.25]])
    t = i64([1, -1, 2])
    for logits in (True, False):
        config = {"ignore_class": -1, "from_logits": logits}
        cases.add(f"NaN in an ignored row, from_logits={logits}", config, [(t, p, None)])
    config = {"ignore_class": -1, "from_logits": True}
    p = f32([[1, 2, 3], [3, 1, -1]])
    cases.add("everything ignored", config, [(i64([-1, -1]), p, None)])
    updates = [(i64([-1, -1]), p, None), (i64([0, -1]), p, None)]
    cases.add("everything ignored, then one row that counts", config, updates)
    cases.add("all-zero row", {}, [(i64([1, 0]), f32([[0, 0, 0], [0.25, 0.5, 0.25]]), None)])


def dense(cases, random):
    t, p = i64([[0, 1, 0], [0, 0, 1]]), f32([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])
    cases.add("reference page", {}, [(t, p, None)])
    cases.add("reference page, weighted", {}, [(t, p, f32([0.3, 0.7]))])
    cases.add("all-zero row", {}, [(t, f32([[0, 0, 0], [0.25, 0.5, 0.25]]), None)])


def binary(cases, random):
    t, p = i64([[0, 1], [0, 0]]), f32([[0.6, 0.4], [0.4, 0.6]])
    cases.add("Keras's page", {}, [(t, p, None)])
    cases.add("Keras's page, weighted", {}, [(t, p, f32([1, 0]))])


def accuracy(cases, random):
    t, p = i64([[1], [2], [3], [4]]), f32([[0], [2], [3], [4]])
    cases.add("Keras's page", {}, [(t, p, None)])
    cases.add("Keras's page, weighted", {}, [(t, p, f32([1, 1, 0, 0]))])
    t, p = i64([1, 2, 3, 4]), i64([0, 2, 3, 4])
    cases.add("rank 1", {}, [(t, p, None)])
    cases.add("rank 1, weighted", {}, [(t, p, f32([1, 1, 0, 0]))])
    cases.add("labels of rank 1, one column", {}, [(t, f32([[0], [2], [3], [4]]), None)])


def threshold(cases, random):
    at = f32([[0.5], [0.5], [0.625], [0.25]])
    cases.add("exactly at the threshold", {}, [(i64([[1], [0], [1], [0]]), at, None)])
    cases.add("labels that are no classes", {}, [(f32([[2], [0.5], [1], [0]]), at, None)])


def argmax(dense_labels):
    def extras(cases, random):
        def labels(t):
            return tensor(np.eye(3)[t], "float32") if dense_labels else i64(t)

        tied = f32([[0.5, 0.5, 0], [0.25, 0.25, 0.25], [0, 1, 1]])
        cases.add("ties go to the first", {}, [(labels([0, 1, 1]), tied, None)])
        nan = f32([[np.nan, 1, 2], [1, np.nan, 0], [0, 1, 2]])
        cases.add("a row with NaN is a miss", {}, [(labels([0, 1, 2]), nan, None)])

    return extras


def top_k(dense_labels):
    def extras(cases, random):
        def labels(t):
            return tensor(np.eye(4)[t], "float32") if dense_labels else i64(t)

        tied = f32([[0.5, 0.25, 0.25, 0], [0.25, 0.5, 0.25, 0.25], [1, 1, 1, 1]])
        cases.add("a tie with the k-th is in", {"k": 2}, [(labels([2, 3, 3]), tied, None)])
        nan = f32([[np.nan, 1, 2, 3], [1, 2, np.nan, 0], [3, 2, 1, 0]])
        cases.add("a row with NaN is a miss", {"k": 2}, [(labels([3, 2, 1]), nan, None)])

    return extras


def one_sample(cases, random):
    t, p = f32([0, 1, 4]), f32([1, 1, 2])
    cases.add("rank 1 is one sample", {}, [(t, p, None), (f32([3]), f32([5]), None)])
    rows = f32([[0, 1, 4], [1, 1, 1]]), f32([[1, 1, 2], [1, 3, 1]])
    cases.add("rank 1, then rank 2", {}, [(t, p, None), (*rows, f32([2, 1]))])


def root(cases, random):
    t, p = f32([0, 1, 4]), f32([1, 1, 2])
    cases.add("rank 1 is a sample an entry", {}, [(t, p, None), (f32([3]), f32([5]), None)])
    cases.add("rank 1, weighted", {}, [(t, p, f32([1, 0, 2]))])


def divergence(cases, random):
    p = f32([[0.25, 0.75], [0.5, 0.5]])
    cases.add("a target row of zeros", {}, [(f32([[0, 0], [0.5, 0.5]]), p, None)])


def hinge(cases, random):
    p = f32([[0.625, 0.375], [0.375, -0.625]])
    updates = [(i64([[0, 1], [0, 0]]), p, None), (i64([[-1, 1], [-1, -1]]), p, None)]
    cases.add("labels 0 and 1, then -1 and 1", {}, updates)


def r2(cases, random):
    t, p = f32([[1], [4], [3]]), f32([[2], [4], [4]])
    cases.add("Keras's page", {}, [(t, p, None)])
    constant = f32([[2, 1], [2, 3], [2, 4]])
    for aggregation in ("uniform_average", "variance_weighted_average", None):
        config = {"class_aggregation": aggregation}
        right, wrong = f32([[2, 1], [2, 2], [2, 4]]), f32([[1, 1], [2, 2], [2, 4]])
        cases.add(f"a constant target, missed, {aggregation}", config, [(constant, wrong, None)])
        cases.add(f"a constant target, met, {aggregation}", config, [(constant, right, None)])
    for regressors in (1, 2, 3):
        config = {"num_regressors": regressors}
        cases.add(f"three entries, {regressors} regressors", config, [(t, p, None)])


def at_threshold(cases, random):
    t, p = i64([1, 0, 1, 0, 1]), f32([0.5, 0.5, 0.75, 0, 1])
    cases.add("exactly at a threshold", {}, [(t, p, None)])
    cases.add("exactly at thresholds", {"thresholds": [0.0, 0.5, 1.0]}, [(t, p, None)])
    cases.add("outside [0, 1]", {"thresholds": [0.1, 0.7]}, [(t, f32([-1, 2, 0.5, 3, 0]), None)])
    cases.add("labels true and false as 2 and 0", {}, [(i64([2, 0, 2, 0, 2]), p, None)])


def quotient(cases, random):
    at_threshold(cases, random)
    cases.add("Keras's page", {}, [(i64([0, 1, 1, 1]), f32([1, 0, 1, 1]), None)])
    cases.add(
        "Keras's page, weighted", {}, [(i64([0, 1, 1, 1]), f32([1, 0, 1, 1]), f32([0, 0, 1, 0]))]
    )
    cases.add("no positive at all", {}, [(i64([0, 0]), f32([0.25, 0.125]), None)])


def at(option):
    def extras(cases, random):
        t, p = i64([0, 0, 0, 1, 1]), f32([0, 0.3, 0.8, 0.3, 0.8])
        cases.add("Keras's page", {option: 0.5}, [(t, p, None)])
        cases.add("Keras's page, weighted", {option: 0.5}, [(t, p, f32([1, 1, 2, 2, 1]))])
        ends = f32([0, 1, 0, 1, 1])
        for reached in (0.0, 1.0):
            cases.add(f"predictions 0 and 1, {reached}", {option: reached}, [(t, ends, None)])
        cases.add("only negatives", {option: 1.0}, [(i64([0, 0]), f32([0.25, 0.75]), None)])
        cases.add("only positives", {option: 1.0}, [(i64([1, 1]), f32([0.25, 0.75]), None)])

    return extras


def auc(cases, random):
    t, p = i64([0, 0, 1, 1]), f32([0, 0.5, 0.3, 0.9])
    cases.add("Keras's page", {"num_thresholds": 3}, [(t, p, None)])
    cases.add("Keras's page, weighted", {"num_thresholds": 3}, [(t, p, f32([1, 0, 0, 1]))])
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            config = {"curve": curve, "summation_method": method}
            ends = f32([0, 1, 0.5, 0.9])
            cases.add(
                f"{curve}, {method}, ends", {**config, "num_thresholds": 5}, [(t, ends, None)]
            )
        cases.add(
            f"{curve}, only positives", {"curve": curve}, [(i64([1, 1]), f32([0.2, 0.7]), None)]
        )
        cases.add(
            f"{curve}, only negatives", {"curve": curve}, [(i64([0, 0]), f32([0.2, 0.7]), None)]
        )
        worse = f32([0.9, 0.8, 0.3, 0.1])
        cases.add(f"{curve}, worse than chance", {"curve": curve}, [(t, worse, None)])
    outside = f32([-0.5, 1.5, 0.3, 1.25])
    cases.add("outside [0, 1]", {}, [(t, outside, None)])
    cases.add(
        "outside [0, 1], uneven thresholds", {"thresholds": [0.1, 0.35]}, [(t, outside, None)]
    )


def f(cases, random):
    t = i64([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    p = f32([[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0]])
    for average in (None, "micro", "macro", "weighted"):
        cases.add(
            f"Keras's page, threshold, {average}",
            {"threshold": 0.5, "average": average},
            [(t, p, None)],
        )
        tied = f32([[0.5, 0.5, 0], [0, 0, 0], [0.25, 0.25, 0.25]])
        cases.add(f"ties and a row of zeros, {average}", {"average": average}, [(t, tied, None)])
        cases.add(
            f"nothing true, nothing claimed, {average}",
            {"average": average},
            [(i64(np.zeros((2, 3))), f32(np.zeros((2, 3))), None)],
        )
    low = f32([[-1, -2, -0.5], [-3, -1, -2], [-1, -1, 0]])
    cases.add("negative scores, the row's largest", {}, [(t, low, None)])
    cases.add(
        "exactly at the threshold", {"threshold": 0.5}, [(t, f32(np.full((3, 3), 0.5)), None)]
    )


def iou(**fixed):
    def extras(cases, random):
        t, p = i64([0, 0, 1, 1]), i64([0, 1, 0, 1])
        config = {"num_classes": 2, **fixed}
        cases.add("Keras's page", config, [(t, p, None)])
        cases.add("Keras's page, weighted", config, [(t, p, f32([0.3, 0.3, 0.3, 0.1]))])
        cases.add("a class that never occurs", {**config, "num_classes": 4}, [(t, p, None)])
        cases.add("nothing in range", config, [(i64([5, -1]), i64([0, 1]), None)])

    return extras


def one_hot(**fixed):
    def extras(cases, random):
        t = i64([[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 0, 0]])
        p = f32([[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.5, 0.3, 0.1], [0.1, 0.4, 0.5]])
        config = {"num_classes": 3, **fixed}
        cases.add("Keras's page", config, [(t, p, None)])
        cases.add("Keras's page, weighted", config, [(t, p, f32([0.1, 0.2, 0.3, 0.4]))])

    return extras


def binary_iou(cases, random):
    t, p = i64([0, 1, 0, 1]), f32([0.1, 0.2, 0.4, 0.7])
    config = {"target_class_ids": [0, 1], "threshold": 0.3}
    cases.add("Keras's page", config, [(t, p, None)])
    cases.add("Keras's page, weighted", config, [(t, p, f32([0.2, 0.3, 0.4, 0.1]))])
