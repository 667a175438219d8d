# SPDX-License-Identifier: Apache-2.0
"""The inputs of the table: what breaks a loss that is computed as it is written down."""

from dataclasses import dataclass, field

import numpy as np
import torch

F32, F16, BF16 = torch.float32, torch.float16, torch.bfloat16
LOGITS = {"from_logits": True}
DENSE = ("CategoricalCrossentropy", "CategoricalFocalCrossentropy")
SPARSE = ("SparseCategoricalCrossentropy", "SparseCategoricalFocalCrossentropy")
BINARY = ("BinaryCrossentropy", "BinaryFocalCrossentropy")
OVERLAP = ("Dice", "Tversky")

# Where another library has another formula, and what is kept on purpose.
CLIP_FIRST = "kept: tf.keras's order, clip and then normalise; Keras 3 normalises first"
DIGITS = CLIP_FIRST + "; and its page's 2.3841855e-07, which float32 gives"
TORCH_CLIP = "torch has no clip at 1e-7"
TORCH_NORMAL = "torch does not normalise"
TORCH_MASK = "torch has no mask"


@dataclass
class Case:
    loss: str
    what: str
    t: object
    p: object
    config: dict = field(default_factory=dict)
    dtype: torch.dtype = F32
    mask: object = None
    apart: tuple = ()  # libraries that have another formula here
    note: str = ""

    def __post_init__(self):
        self.p = torch.as_tensor(np.asarray(self.p, dtype=np.float64)).to(self.dtype)
        self.t = torch.as_tensor(np.asarray(self.t))
        if self.t.is_floating_point():
            self.t = self.t.to(self.dtype)
        if self.loss in OVERLAP:
            self.config = {"axis": -1, **self.config}

    @property
    def is_long(self):
        return self.p.numel() > 1000


def hot(*labels, classes=3):
    return np.eye(classes)[list(labels)]


def families(losses, what, t, p, **rest):
    return [Case(loss, what, t, p, **rest) for loss in losses]


def classes(what, labels, p, config, clipped=True, **rest):
    """The four losses of one class among several; `clipped`: some probabilities are."""
    p = np.asarray(p, dtype=np.float64)
    dense = families(DENSE, what, hot(*labels, classes=p.shape[-1]), p, config=config, **rest)
    sparse = families(SPARSE, what, np.array(labels), p, config=config, **rest)
    if not config.get("from_logits"):
        for case in (dense[0], sparse[0]):
            case.apart, case.note = ("torch",), TORCH_NORMAL
        if clipped:
            sparse[0].apart, sparse[0].note = ("keras", "torch"), CLIP_FIRST
    return dense + sparse


def far_logits():
    x = [[1e4, -1e4, 0], [-1e4, 1e4, 0], [1e4, 9999, -1e4], [1e4, 1e4, 1e4]]
    t = np.array([[1.0, 0, 1], [1, 0, 0], [0, 1, 1], [1, 0, 1]])
    small = [[1.0, 2, 3], [0, 1, 1], [1, 1, 1], [2, 3, 1]]
    steps = [[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, -1e4, 1e4], [1e4, 0, 0]]
    yield from classes("right, wrong, near, tied", [0, 0, 0, 1], x, LOGITS)
    smooth = {"from_logits": True, "label_smoothing": 0.1}
    yield Case(DENSE[0], "smoothed", hot(0, 0, 2, 1), x, smooth)
    yield Case(SPARSE[0], "smoothed", np.array([0, 0, 2, 1]), x, smooth, apart=("keras",))
    yield from families(BINARY, "right and wrong", t, x, config=LOGITS)
    yield Case(BINARY[0], "pos_weight 3", t, x, {**LOGITS, "pos_weight": 3.0}, apart=("keras",))
    yield from families(("Hinge", "SquaredHinge"), "scores", 2 * t - 1, x)
    yield Case("CategoricalHinge", "scores", hot(0, 0, 0, 1), x)
    yield Case("CTC", "logits", np.array([[1, 2], [1, 1]]), [steps, [[0, 1e4, -1e4]] * 4])
    for loss in REGRESSION:
        yield Case(loss, "predictions", np.array(small), x)
    for loss in ("Poisson", "MeanSquaredLogarithmicError"):
        yield Case(loss, "predictions", np.array(small), np.abs(x))
    two = np.array([[1.0, 2], [1, 2]])
    yield Case(GAUSSIAN, "means and log-variances", two, [[1e4, 2, 3, 1e4], [0, 1, 1e4, 2]])
    yield Case(
        GAUSSIAN,
        "a log-variance of -1e4",
        two,
        [[1, 2, -1e4, 0], [1, 2, -1e4, -1e4]],
        apart=("torch",),
        note="torch has no variance below 1e-6",
    )


REGRESSION = (
    "MeanSquaredError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "Huber",
    "LogCosh",
    "Quantile",
    "CosineSimilarity",
)
GAUSSIAN = "GaussianNegativeLogLikelihood"


def sure_logits():
    x = [[20, 0, -3], [50, 1, 0], [100, 0, 0], [15, 14, -20], [3, -20, -20]]
    yield from classes("right", [0] * 5, x, LOGITS)
    yield from classes("wrong", [1] * 5, x, LOGITS)
    t = np.array([[1.0, 1, 0]] * 4)
    yield from families(
        BINARY, "right", t, [[20, 1, -3], [50, 2, -40], [80, 30, -16], [15, 14, -20]], config=LOGITS
    )
    yield from families(
        BINARY,
        "wrong",
        1 - t,
        [[20, 1, -3], [50, 2, -40], [80, 30, -16], [15, 14, -20]],
        config=LOGITS,
    )


def infinite_logits():
    inf = np.inf
    yield from classes("others out of reach", [0, 1], [[1, 2, -inf], [-inf, 2, -inf]], LOGITS)
    yield from families(BINARY, "right", np.array([[1.0, 0, 1]]), [[inf, -inf, 2]], config=LOGITS)


def certain(dtype):
    p = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0]]
    for case in classes("right, wrong, half", [0, 0, 1, 0], p, {}, dtype=dtype):
        case.note = DIGITS if case.loss == SPARSE[0] else case.note
        yield case
    t = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 0, 0]])
    for case in families(BINARY, "right, wrong, half", t, p, dtype=dtype):
        case.apart, case.note = ("torch",), TORCH_CLIP if case.loss == BINARY[0] else ""
        yield case
    targets = np.array([[1.0, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0, 0, 0]])
    yield Case(
        "KLDivergence", "0 in both", targets, p, dtype=dtype, apart=("torch",), note=TORCH_CLIP
    )
    yield Case(
        "CategoricalGeneralizedCrossEntropy",
        "right, wrong, half",
        np.array([0, 0, 1, 0]),
        p,
        dtype=dtype,
    )
    yield Case("Poisson", "rates of 0 and 1", t, p, dtype=dtype)
    masks = np.array([[1.0, 0, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0]])
    claims = [[1.0, 0, 0], [0, 0, 1], [0, 0, 0], [1, 1, 0]]
    yield from families(OVERLAP, "met, missed, empty, met", masks, claims, dtype=dtype)


def near_certain():
    p = [[1e-5, 1e-4, 1e-3], [1e-6, 2e-7, 1 - 2e-7], [1 - 1e-6, 1 - 1e-5, 0.999]]
    yield from families(BINARY, "nearly right", np.array([[0.0, 0, 0], [0, 0, 1], [1, 1, 1]]), p)
    yield from families(BINARY, "nearly wrong", np.array([[1.0, 1, 1], [1, 1, 0], [0, 0, 0]]), p)


def one_class():
    yield from classes("logits", [0, 0], [[3.0], [-1e4]], LOGITS)
    yield from classes("probabilities", [0, 0], [[0.3], [0.0]], {}, clipped=False)
    yield Case("CategoricalHinge", "scores", np.ones((2, 1)), [[3.0], [-0.5]])
    yield Case("KLDivergence", "probabilities", np.ones((2, 1)), [[0.25], [1]])
    yield Case(
        "CategoricalGeneralizedCrossEntropy", "probabilities", np.array([0, 0]), [[0.25], [1]]
    )
    yield Case("CTC", "blanks alone", np.array([[0]]), [[[1.0], [2.0]]])


def a_million():
    random = np.random.default_rng(7)
    n = 1_000_000
    x, other = random.normal(size=(2, 1, n))
    p = random.exponential(size=(1, n))
    p /= p.sum()
    target = np.zeros((1, n))
    target[0, 5] = 1
    for dtype in (F32, F16, BF16):
        yield Case(DENSE[0], "logits", target, x, LOGITS, dtype)
        yield Case(SPARSE[0], "logits", np.array([5]), x, LOGITS, dtype)
    yield Case(DENSE[1], "logits", target, x, LOGITS)
    yield Case(SPARSE[1], "logits", np.array([5]), x, LOGITS)
    yield Case(DENSE[0], "probabilities", target, p, apart=("torch",), note=TORCH_CLIP)
    yield Case(SPARSE[0], "probabilities", np.array([5]), p, apart=("keras",), note=CLIP_FIRST)
    yield Case("KLDivergence", "probabilities", np.roll(p, 1), p, apart=("torch",), note=TORCH_CLIP)
    yield Case("CosineSimilarity", "components", other, x)
    yield Case("MeanSquaredError", "errors", other, x)
    yield Case("BinaryCrossentropy", "logits", (other > 0) * 1.0, x, LOGITS)
    yield Case("Dice", "a mask", (other > 0) * 1.0, 1 / (1 + np.exp(-x)))
    yield Case("Dice", "a mask", (other > 0) * 1.0, 1 / (1 + np.exp(-x)), dtype=F16)


def half_precision(dtype):
    random = np.random.default_rng(11)
    rows, n = 20, 4
    a, b, c = random.normal(size=(3, rows, n))
    labels = random.integers(0, n, rows)
    p, q = random.dirichlet(np.ones(n), (2, rows))
    unit = random.uniform(0.01, 0.99, (rows, n))
    bits = random.integers(0, 2, (rows, n)) * 1.0
    for loss in REGRESSION:
        yield Case(loss, "ordinary", a, b, dtype=dtype)
    for loss in ("MeanSquaredLogarithmicError", "Poisson"):
        yield Case(loss, "ordinary", np.abs(a), np.abs(b), dtype=dtype)
    yield from families(("Hinge", "SquaredHinge"), "ordinary", np.sign(a), b, dtype=dtype)
    yield Case("CategoricalHinge", "ordinary", np.eye(n)[labels], b, dtype=dtype)
    yield Case("KLDivergence", "ordinary", p, q, dtype=dtype)
    yield Case(GAUSSIAN, "ordinary", a, np.concatenate([b, c], -1), dtype=dtype)
    for config, scores in ((LOGITS, 3 * b), ({}, q)):
        what = "logits" if config else "probabilities"
        yield from classes(what, labels, scores, config, clipped=False, dtype=dtype)
    yield from families(BINARY, "logits", bits, 3 * b, config=LOGITS, dtype=dtype)
    yield from families(BINARY, "probabilities", bits, unit, dtype=dtype)
    yield Case("CategoricalGeneralizedCrossEntropy", "ordinary", labels, q, dtype=dtype)
    yield from families(OVERLAP, "ordinary", bits, unit, dtype=dtype)
    sequences = np.array([[1, 2], [2, 2], [1, 0]])
    yield Case(
        "CTC",
        "ordinary",
        sequences,
        random.normal(size=(3, 6, 4)),
        dtype=dtype,
        apart=("torch",),
        note="torch has none of this type",
    )
    unit_vectors = random.normal(size=(8, 3))
    unit_vectors /= np.linalg.norm(unit_vectors, axis=1, keepdims=True)
    yield Case("Circle", "ordinary", np.array([0, 0, 1, 1, 2, 2, 0, 1]), unit_vectors, dtype=dtype)
    if dtype is F16:
        t = np.array([[-1.0, 1, 1, 1]])
        for loss in ("MeanSquaredError", "SquaredHinge", "CosineSimilarity"):
            yield Case(loss, "a square above 65504", t, [[300, 1, 1, 1]], dtype=dtype)
        yield Case(
            "MeanAbsolutePercentageError", "label of 0", t * 0, [[1e-7, 1e-6, 0, 0]], dtype=dtype
        )
        yield Case("MeanAbsoluteError", "a sum above 65504", t, [[6e4, 6e4, 6e4, 6e4]], dtype=dtype)


def ordinary():
    yield from half_precision(F32)


def subnormals():
    s = 1e-40
    a = [[s, 2 * s, 3 * s], [0, s, -s], [1, s, 2], [1e-20, 2e-20, 0]]
    b = [[2 * s, 5 * s, s], [s, 0, s], [1, 3 * s, 2], [3e-20, 1e-20, 1e-20]]
    a, b = np.array(a), np.array(b)
    for loss in REGRESSION + ("MeanSquaredLogarithmicError", "Poisson", "Hinge", "SquaredHinge"):
        yield Case(loss, "labels and predictions", np.abs(a) if loss == "Poisson" else a, b)
    yield Case(
        GAUSSIAN, "means and log-variances", a[:, :2], [[s] * 4, [s, 0, -s, s], [0] * 4, [1] * 4]
    )
    yield Case("KLDivergence", "both", np.abs(a), b, apart=("torch",), note=TORCH_CLIP)
    labels = [0, 1, 2, 0]
    yield from classes("logits", labels, b, LOGITS)
    yield from classes("probabilities", labels, b, {})
    t = np.array([[1.0, 0, 1]] * 4)
    yield from families(BINARY, "logits", t, b, config=LOGITS)
    for case in families(BINARY, "probabilities", t, np.clip(b, 0, 1)):
        case.apart, case.note = ("torch",), TORCH_CLIP if case.loss == BINARY[0] else ""
        yield case
    for q in (0.5, 0.01):
        yield Case(
            "CategoricalGeneralizedCrossEntropy", f"q = {q}", np.array([0, 0, 1, 0]), b, {"q": q}
        )
    yield from families(OVERLAP, "masks", np.abs(a), b)
    e = np.array([[1e-3, 1e-4, 1e-5], [1e-6, 1e-7, 1e-8], [1e-10, 1e-12, 1e-15], [0.5, 0.9, 1.1]])
    for loss in ("LogCosh", "Huber", "MeanSquaredError", "MeanSquaredLogarithmicError"):
        yield Case(loss, "small errors", 0 * e, e)


def large():
    t = np.array([[-1.0, 1, 1, 1]])
    for loss in ("MeanAbsoluteError", "Huber", "LogCosh", "CosineSimilarity"):
        yield Case(loss, "3e38", t, [[3e38, 1, 1, 1]])
        yield Case(loss, "2e19", t, [[2e19, 1, 1, 1]])
    x = [[-3e38, 1, 1], [-3e38, 1, 3e38]]
    yield from classes("3e38", [1, 2], x, LOGITS)
    yield from families(BINARY, "3e38", np.array([[1.0, 0, 0]]), [[3e38, -3e38, 1]], config=LOGITS)


def masked():
    nan = np.nan
    x = [[1.0, 2, -1], [nan, nan, nan], [0.5, 0.25, 0.25]]
    labels = np.array([0, -1, 2])
    ignore = {"ignore_class": -1}
    for reduction in ("none", "sum_over_batch_size"):
        config = {**ignore, **LOGITS, "reduction": reduction}
        yield from families(SPARSE, f"NaN in an ignored row, {reduction}", labels, x, config=config)
    everything = {**ignore, **LOGITS, "reduction": "sum_over_batch_size"}
    yield from families(SPARSE, "every row ignored", labels * 0 - 1, x, config=everything)
    keep = np.array([True, False, True])
    t = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    p = [[0.5, 0.25, 0.25], [nan, nan, nan], [0.125, 0.375, 0.5]]
    mean = {"reduction": "sum_over_batch_size"}
    rest = {"config": mean, "mask": keep, "apart": ("torch",), "note": TORCH_MASK}
    yield from families(
        REGRESSION
        + ("MeanSquaredLogarithmicError", "Poisson", "Hinge", "SquaredHinge", "CategoricalHinge")
        + ("KLDivergence", "BinaryCrossentropy", "BinaryFocalCrossentropy")
        + DENSE
        + OVERLAP,
        "NaN in a masked row",
        t,
        p,
        **rest,
    )
    none = {**rest, "mask": keep & False}
    yield from families(("MeanSquaredError",) + DENSE, "every row masked", t, p, **none)


def empty():
    nothing = np.zeros((0, 2, 3))
    mean = {"reduction": "sum_over_batch_size"}
    for loss in ALL_ROWS:
        yield Case(loss, "mean", nothing, nothing, mean)
    yield from families(SPARSE, "mean", np.zeros((0, 2), dtype=int), nothing, config=mean)


ALL_ROWS = (
    REGRESSION
    + ("MeanSquaredLogarithmicError", "Poisson", "Hinge", "SquaredHinge")
    + ("KLDivergence", "BinaryCrossentropy", "BinaryFocalCrossentropy")
    + DENSE
)


def soft():
    t = np.array([[0.2, 0.3, 0.5], [0, 0, 0], [2.0, 1, 1], [0.1, 0.1, 0.1]])
    x = np.array([[0.4, -1.2, 0.3], [2.0, 1.0, -0.5], [-0.7, 0.1, 0.9], [1.5, 1.5, -1.5]])
    p = np.array([[2, 1, 1], [0.1, 0.2, 0.1], [0.5, 0.5, 1], [0.2, 0.3, 0.5]])
    rows_of_0 = np.array([[0, 0, 0], [0, 0, 0], [2, 1, 1], [0.2, 0.3, 0.5]])
    yield from families(DENSE, "logits", t, x, config=LOGITS)
    for what, rows in (("sum other than 1", p), ("rows of zeros", rows_of_0)):
        dense, focal = families(DENSE, f"probabilities, {what}", t, rows)
        dense.apart, dense.note = ("torch",), TORCH_NORMAL
        yield from (dense, focal)
    labels = np.array([0, 1, 2, 0])
    yield from classes("probabilities, sum other than 1", labels, p, {})[2:]
    yield from classes("probabilities, rows of zeros", labels, rows_of_0, {})[2:]
    yield from families(BINARY, "logits", t, x, config=LOGITS)
    yield from families(BINARY, "probabilities", 0.4 * t, np.clip(p, 0.01, 0.9))
    yield Case(
        "KLDivergence", "not normalised", t, np.clip(p, 0.01, 1), apart=("torch",), note=TORCH_CLIP
    )
    for loss in ("CategoricalHinge", "Hinge", "SquaredHinge", "CosineSimilarity"):
        yield Case(loss, "labels in between", t, x)
    yield from families(OVERLAP, "labels in between", np.clip(t, 0, 1), np.clip(p, 0, 1))


TABLES = (
    ("Logits and predictions of ±1e4", far_logits),
    ("Logits that leave no doubt", sure_logits),
    ("Infinite logits", infinite_logits),
    ("Probabilities of exactly 0 and 1", lambda: certain(F32)),
    ("Probabilities of exactly 0 and 1, float16", lambda: certain(F16)),
    ("Probabilities of exactly 0 and 1, bfloat16", lambda: certain(BF16)),
    ("Probabilities near 0 and 1", near_certain),
    ("One class", one_class),
    ("A million classes", a_million),
    ("Ordinary numbers, float32", ordinary),
    ("Ordinary numbers, float16", lambda: half_precision(F16)),
    ("Ordinary numbers, bfloat16", lambda: half_precision(BF16)),
    ("Subnormal and small numbers", subnormals),
    ("Numbers near the largest", large),
    ("Masked and ignored rows", masked),
    ("An empty batch", empty),
    ("Labels that are soft or not normalised", soft),
)
