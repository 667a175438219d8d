"""Corner cases of single losses, by hand: reference pages, limits, NaN, zeros."""

import numpy as np

from tensors import f32, i64, tensor


def sparse(cases, random):
    probabilities = f32([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])
    pages = i64([1, 2])
    cases.add("reference page", {}, pages, probabilities)
    cases.add("reference page, weighted", {}, pages, probabilities, f32([0.3, 0.7]))
    cases.add("reference page, sum", {"reduction": "sum"}, pages, probabilities)
    cases.add("reference page, none", {"reduction": "none"}, pages, probabilities)
    labels = i64([[[0, 2], [-1, -1]], [[0, 2], [-1, -1]]])
    maps = f32(
        [
            [[[1, 0, 0], [0, 0, 1]], [[0.2, 0.5, 0.3], [0, 1, 0]]],
            [[[1, 0, 0], [0, 0.5, 0.5]], [[0.2, 0.5, 0.3], [0, 1, 0]]],
        ]
    )
    ignore = {"ignore_class": -1}
    cases.add("reference page, ignore_class, none", {**ignore, "reduction": "none"}, labels, maps)
    cases.add("reference page, ignore_class", ignore, labels, maps)
    cases.add("row that sums to 4", {}, i64([0]), f32([[2, 1, 1]]))
    cases.add("all-zero row", {}, i64([1, 0]), f32([[0, 0, 0], [0.25, 0.5, 0.25]]))
    cases.add("fully wrong", {"reduction": "none"}, i64([1, 0]), f32([[1, 0, 0], [1, 0, 0]]))
    nan = np.nan
    for logits in (True, False):
        config = {"ignore_class": -1, "from_logits": logits}
        p = f32([[0.25, 0.5, 0.25], [nan, nan, nan], [0.5, 0.25, 0.25]])
        for reduction in ("sum_over_batch_size", "none"):
            cases.add(
                f"NaN in an ignored row, from_logits={logits}, {reduction}",
                {**config, "reduction": reduction},
                i64([1, -1, 2]),
                p,
            )
    all_ignored = i64([-1, -1])
    p = f32([[1, 2, 3], [3, 1, -1]])
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight", "sum", "none"):
        config = {"ignore_class": -1, "from_logits": True, "reduction": reduction}
        cases.add(f"everything ignored, {reduction}", config, all_ignored, p)
    large = f32([[1000, 0, -1000], [-1000, 0, 1000]])
    cases.add("large logits", {"from_logits": True, "reduction": "none"}, i64([0, 1]), large)
    labels = i64([[[2, 0, 1, 1]], [[0, 2, 2, 1]]])
    p = tensor(random.real((2, 3, 4), "float32"), "float32")
    cases.add("labels with a 1 on the class axis", {"from_logits": True, "axis": 1}, labels, p)


def dense(cases, random):
    t, p = i64([[0, 1, 0], [0, 0, 1]]), f32([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])
    cases.add("reference page", {}, t, p)
    cases.add("reference page, weighted", {}, t, p, f32([0.3, 0.7]))
    cases.add("row that sums to 4", {}, i64([[1, 0, 0]]), f32([[2, 1, 1]]))
    cases.add("all-zero row", {"reduction": "none"}, t, f32([[0, 0, 0], [0.25, 0.5, 0.25]]))
    cases.add("fully wrong", {"reduction": "none"}, t, f32([[1, 0, 0], [1, 0, 0]]))
    cases.add("fully right", {"reduction": "none"}, t, f32([[0, 1, 0], [0, 0, 1]]))
    large = f32([[1000, 0, -1000], [-1000, 0, 1000]])
    cases.add("large logits", {"from_logits": True, "reduction": "none"}, t, large)


def binary(cases, random):
    t, p = i64([[0, 1], [0, 0]]), f32([[0.6, 0.4], [0.4, 0.6]])
    cases.add("Keras's page", {}, t, p)
    cases.add("Keras's page, weighted", {}, t, p, f32([1, 0]))
    single = {"reduction": "none"}
    cases.add("fully wrong", single, i64([[1], [0]]), f32([[0], [1]]))
    cases.add("fully right", single, i64([[1], [0]]), f32([[1], [0]]))
    cases.add("fully wrong, float64", single, i64([[1], [0]]), tensor([[0], [1]], "float64"))
    cases.add("outside [0, 1]", single, i64([[1], [0]]), f32([[-0.5], [1.5]]))
    large = f32([[100, -100], [-100, 100]])
    cases.add("large logits", {"from_logits": True, **single}, i64([[1, 0], [1, 0]]), large)
    cases.add("rank 1 labels, one column", {}, i64([1, 0, 1]), random.unit((3, 1), "float32"))


def squared(cases, random):
    t, p = f32([[0, 1], [0, 0]]), f32([[1, 1], [1, 0]])
    cases.add("Keras's page", {}, t, p)
    cases.add("Keras's page, weighted", {}, t, p, f32([0.7, 0.3]))
    cases.add("Keras's page, sum", {"reduction": "sum"}, t, p)
    cases.add("Keras's page, none", {"reduction": "none"}, t, p)
    whole = i64([[1, 2], [3, 5]])
    cases.add("whole numbers as predictions", {}, f32([[0.5, 1], [2, 4]]), whole)
    cases.add("labels of rank 1, one column", {}, f32([0, 1, 3]), f32([[1], [3], [-1]]))
    t, p = f32([[0], [1], [3]]), f32([1, 3, -1])
    cases.add("one column of labels, predictions of rank 1", {"reduction": "none"}, t, p)


def zero_label(cases, random):
    t, p = f32([[0, 1], [2, 4]]), f32([[0, 1.5], [1, 5]])
    cases.add("a label of 0, met", {"reduction": "none"}, t, p)
    cases.add("a label of 0, missed", {"reduction": "none"}, t, f32([[0.25, 1.5], [1, 5]]))


def negative(cases, random):
    t, p = f32([[-0.5, 1], [2, 0]]), f32([[0.25, -3], [1, 5]])
    cases.add("below 0 counts as 1e-7", {"reduction": "none"}, t, p)


def cosine(cases, random):
    t, p = f32([[0, 1], [1, 1]]), f32([[1, 0], [1, 1]])
    cases.add("Keras's page", {}, t, p)
    cases.add("Keras's page, axis 1, sum", {"axis": 1, "reduction": "sum"}, t, p)
    cases.add(
        "a vector of zeros", {"reduction": "none"}, f32([[0, 0], [1, 2]]), f32([[1, 2], [3, 1]])
    )
    cases.add("axis 0", {"axis": 0}, f32([[1, 2, 3], [3, 2, 0]]), f32([[1, 0, 3], [2, 2, 1]]))


def far(cases, random):
    t, p = f32([[0, 1], [0, 0]]), f32([[100, -200], [50, 0.0078125]])
    cases.add("large errors", {"reduction": "none"}, t, p)


def hinge(cases, random):
    p = f32([[0.625, 0.375], [0.375, -0.625]])
    cases.add("labels 0 and 1", {}, i64([[0, 1], [0, 0]]), p)
    cases.add("labels -1 and 1", {}, i64([[-1, 1], [-1, -1]]), p)
    cases.add("one label -1 keeps the others", {"reduction": "none"}, i64([[0, 1], [0, -1]]), p)
    cases.add("all labels 1", {}, i64([[1, 1], [1, 1]]), p)


def divergence(cases, random):
    p = f32([[0.25, 0.75], [0.5, 0.5]])
    single = {"reduction": "none"}
    cases.add("a target row of zeros", single, f32([[0, 0], [0.5, 0.5]]), p)
    cases.add("a predicted 0", single, f32([[0.25, 0.75], [0, 1]]), f32([[0, 1], [1, 0]]))


def poisson(cases, random):
    t, p = f32([[1, 0], [2, 3]]), f32([[0, 0], [1, 3]])
    cases.add("a rate of 0", {"reduction": "none"}, t, p)


def overlap(cases, random):
    zeros, ones = f32(np.zeros((2, 3))), f32(np.ones((2, 3)))
    cases.add("nothing there, nothing claimed", {}, zeros, zeros)
    cases.add("nothing there, all claimed", {}, zeros, ones)
    cases.add("all there, all claimed", {"axis": -1}, ones, ones)
    t = i64([[[[1], [1]], [[0], [0]]], [[[1], [1]], [[0], [0]]]])
    p = f32([[[[0], [1]], [[0], [1]]], [[[0.4], [0]], [[0], [0.9]]]])
    for axis in (None, [1, 2, 3], [2, 3]):
        cases.add(f"Keras's page, axis={axis}", {"axis": axis, "reduction": None}, t, p)


def circle(cases, random):
    p = np.array([[1, 0], [0.6, 0.8], [0, 1], [-0.8, 0.6]])
    for dtype in ("float32", "float64"):
        cases.add(f"no two labels alike, {dtype}", {}, i64([0, 1, 2, 3]), tensor(p, dtype))
    cases.add("all labels alike", {"reduction": "none"}, i64([1, 1, 1, 1]), f32(p))
    for reduction in ("mean", "mean_with_sample_weight", "none"):
        config = {"reduction": reduction, "gamma": 4.0}
        weight = f32([1, 2, 3, 0.5])
        cases.add(f"one row without a pair, {reduction}", config, i64([0, 0, 2, 0]), f32(p), weight)


def ctc(cases, random):
    p = random.real((2, 4, 3), "float32")
    cases.add("empty label", {"reduction": "none"}, i64([[0, 0], [1, 2]]), f32(p))
    cases.add("repeated label", {"reduction": "none"}, i64([[1, 1], [2, 2]]), f32(p))
    cases.add("one step", {"reduction": "none"}, i64([[1], [2]]), f32(p[:, :1]))
