"""Labels and predictions, drawn for a shape, a type and options."""

import numpy as np

import formulas
from tensors import FLOATS, tensor

CLASS_SHAPES = [(4, 3), (3, 5), (4,), (2, 2, 3), (2, 3, 4), (2, 2, 2, 3), (3, 3), (1, 4), (6, 2)]


def per_class(random, classes):
    return [float(x) for x in random.integers(classes, 2, 13) / 4]


def some_classes(random, classes):
    """Weights as a map, in which not every class has one."""
    weights = per_class(random, classes)
    return {str(c): weights[c] for c in range(classes) if c % 2 == 0}


def regression(gap=0.05, low=-2.0, high=2.0, kink=lambda options: 0.0, smallest_label=0.0):
    """Labels and predictions whose difference stays away from 0 and from a kink."""

    def labels(random, shape, dtype, label):
        if label not in FLOATS:
            return tensor(random.integers(shape, 1 if smallest_label else 0, 4), label)

        def draw():
            return tensor(random.real(shape, dtype, low, high), label).data

        return tensor(random.away(draw, lambda t: np.abs(t) < smallest_label), label)

    def draw(random, shape, dtype, label, options):
        t = labels(random, shape, dtype, label)

        def near(p):
            error = np.abs(p - t.data)
            return (error < gap) | (np.abs(error - kink(options)) < gap)

        p = random.away(lambda: tensor(random.real(shape, dtype, low, high), dtype).data, near)
        return t, tensor(p, dtype)

    return draw


def binary(random, shape, dtype, label, options):
    soft = label in FLOATS and random.rng.uniform() < 0.3
    t = random.unit(shape, dtype).data if soft else random.integers(shape, 0, 2)
    if options.get("from_logits"):
        return tensor(t, label), tensor(random.real(shape, dtype, -4, 4), dtype)
    return tensor(t, label), random.unit(shape, dtype)


def class_predictions(random, shape, dtype, options):
    if options.get("from_logits"):
        return tensor(random.real(shape, dtype, -3, 3), dtype)
    return random.probabilities(shape, options.get("axis", -1), dtype)


def without(shape, axis):
    return tuple(int(n) for n in np.delete(np.array(shape), axis))


def sparse(random, shape, dtype, label, options):
    axis = options.get("axis", -1)
    rows = without(shape, axis)
    t = random.integers(rows, 0, shape[axis])
    ignored = options.get("ignore_class")
    if ignored is not None and rows:
        label = "int32" if ignored < 0 and label == "uint8" else label
        t = np.where(random.rng.uniform(size=rows) < 0.35, ignored, t)
    return tensor(t, label), class_predictions(random, shape, dtype, options)


def dense(random, shape, dtype, label, options):
    axis = options.get("axis", -1)
    if label in FLOATS and random.rng.uniform() < 0.4:
        t = random.probabilities(shape, axis, label)
    else:
        labels = random.integers(without(shape, axis), 0, shape[axis])
        t = tensor(formulas.one_hot(labels, shape[axis], axis), label)
    return t, class_predictions(random, shape, dtype, options)


def signed(random, shape, dtype, label, options):
    """Hinge labels: -1 and 1, 0 and 1, or others; never near the kink."""
    style = random.rng.integers(3)
    if label == "uint8" or style == 0:
        t = random.integers(shape, 0, 2)
    elif style == 1:
        t = 2 * random.integers(shape, 0, 2) - 1
    else:
        t = random.integers(shape, -1, 2)
    signs = formulas.signed_labels(t)

    def draw():
        return tensor(random.real(shape, dtype, -2, 2), dtype).data

    return tensor(t, label), tensor(
        random.away(draw, lambda p: np.abs(1 - signs * p) < 0.03), dtype
    )


def dense_scores(random, shape, dtype, label, options):
    """Dense labels and scores for the categorical hinge, away from its kinks."""
    t = dense(random, shape, "float64", label, {})[0]

    def fits(p):
        rest = np.sort((1.0 - t.data) * p.data, axis=-1)
        score = 1.0 + rest[..., -1] - (t.data * p.data).sum(axis=-1)
        return (np.abs(score) > 0.02).all() and (rest[..., -1] - rest[..., -2] > 0.01).all()

    return t, random.until(lambda: tensor(random.real(shape, dtype, -2, 2), dtype), fits)


def counts(random, shape, dtype, label, options):
    """Poisson: counts, or other positive labels, and positive rates."""
    if label in FLOATS:
        t = random.real(shape, dtype, 0.0, 3.0)
    else:
        t = random.integers(shape, 0, 5)
    return tensor(t, label), tensor(random.real(shape, dtype, 0.125, 3.0), dtype)


def distributions(random, shape, dtype, label, options):
    t = (
        random.probabilities(shape, -1, label)
        if label in FLOATS
        else dense(random, shape, dtype, label, options)[0]
    )
    return t, random.probabilities(shape, -1, dtype)


def embeddings(random, shape, dtype, label, options):
    """Unit vectors of a few classes; no value so small that it may round to 0."""
    options = {k: v for k, v in options.items() if k in ("gamma", "margin", "remove_diagonal")}
    t = tensor(random.integers(shape[:1], 0, 3), label)

    def draw():
        p = random.rng.normal(size=shape)
        return tensor(np.round(p / np.linalg.norm(p, axis=1, keepdims=True), 4), dtype)

    def fits(p):
        values, kept = formulas.circle(t.data, p.data, **options)
        return not kept.any() or (values[kept] > 0.01).all()

    return t, random.until(draw, fits)


def sequences(random, shape, dtype, label, options):
    """CTC: labels padded with zeros, some with repeats, that fit into the steps."""
    batch, steps, classes = shape
    longest = (steps + 1) // 2
    t = np.zeros((batch, longest), np.int64)
    for row in t:
        length = random.rng.integers(1, longest + 1)
        row[:length] = random.integers(length, 1, classes)
    return tensor(t, label), tensor(random.real(shape, dtype, -3, 3), dtype)


def gaussians(random, shape, dtype, label, options):
    """`shape` is the targets'; the last axis of the predictions is twice as long."""
    t, mean = regression()(random, shape, dtype, label, options)
    log_variance = tensor(random.real(shape, dtype, -1.5, 1.5), dtype)
    return t, tensor(np.concatenate([mean.data, log_variance.data], axis=-1), dtype)


def matching(random, shape, dtype, label, options):
    """Small whole numbers, equal about half the time."""
    t = random.integers(shape, 0, 4)
    p = np.where(random.rng.uniform(size=shape) < 0.5, t, random.integers(shape, 0, 4))
    return tensor(t, label), tensor(p, dtype)


def untied(random, shape, dtype):
    """Scores whose rows have no ties."""

    def fits(p):
        return all(len(set(row)) == len(row) for row in p.data.reshape(-1, shape[-1]))

    return random.until(lambda: tensor(random.real(shape, dtype, -3, 3), dtype), fits)


def untied_sparse(random, shape, dtype, label, options):
    p = untied(random, shape, dtype)
    right = p.data.argmax(axis=-1)
    wrong = random.integers(shape[:-1], 0, shape[-1])
    t = np.where(random.rng.uniform(size=shape[:-1]) < 0.4, right, wrong)
    return tensor(t, label), p


def untied_dense(random, shape, dtype, label, options):
    t, p = untied_sparse(random, shape, dtype, "int64", options)
    return tensor(formulas.one_hot(t.data, shape[-1], -1), label), p


def spread(random, shape, dtype, label, options):
    """Labels and predictions that vary along the axis, for correlations."""
    axis = options.get("axis", -1)

    def labels():
        if label in FLOATS:
            return tensor(random.real(shape, dtype), label)
        return tensor(random.integers(shape, 0, 6), label)

    def varied(x):
        return not x.data.size or (x.data.std(axis=axis) > 0.2).all()

    t = random.until(labels, varied)
    return t, random.until(lambda: tensor(random.real(shape, dtype), dtype), varied)


def sorted_ids(random, shape, dtype, label, options):
    """The ids of the best classes, best first, and labels."""
    p = np.argsort(random.rng.uniform(size=shape[:-1] + (8,)), axis=-1)[..., : shape[-1]]
    return tensor(random.integers(shape[:-1], 0, 8), label), tensor(p, dtype)


def top_k(random, shape, dtype, label, options):
    draw = sorted_ids if options.get("from_sorted_ids") else untied_sparse
    return draw(random, shape, dtype, label, options)


def untied_unit(random, shape, dtype):
    """Probabilities without ties in a row."""

    def fits(p):
        return all(len(set(row)) == len(row) for row in p.data.reshape(-1, shape[-1]))

    return random.until(lambda: random.unit(shape, dtype), fits)


def claims(random, shape, dtype, label, options):
    """Labels 0 and 1, and probabilities (or logits that no threshold is near)."""
    t = tensor(random.integers(shape, 0, 2), label)
    if options.get("from_logits"):

        def near(x):
            position = 10 * 199 / (1 + np.exp(-x))  # thresholds lie at whole numbers
            return np.abs(position - np.round(position)) < 0.01

        def draw():
            return tensor(random.real(shape, dtype, -4, 4), dtype).data

        return t, tensor(random.away(draw, near), dtype)
    draw = untied_unit if options.get("top_k") else random.unit
    return t, draw(random, shape, dtype) if draw is untied_unit else draw(shape, dtype)


def segments(sparse_y_true=True, sparse_y_pred=True):
    """Class ids, some out of range or ignored, or one-hot labels and scores."""

    def draw(random, shape, dtype, label, options):
        classes, axis = options["num_classes"], options.get("axis", -1)
        ignored = options.get("ignore_class")
        low = 0 if "uint8" in (label, dtype) else -1

        def ids(low, high):
            return random.integers(shape, low, high)

        def one_hot(ids):
            return np.moveaxis(formulas.one_hot(ids, classes, -1), -1, axis)

        t = ids(low, classes + 1) if random.rng.uniform() < 0.3 else ids(0, classes)
        if ignored is not None and (ignored >= 0 or label != "uint8"):
            t = np.where(random.rng.uniform(size=shape) < 0.3, ignored, t)
        if not options.get("sparse_y_true", sparse_y_true):
            t = one_hot(np.clip(t, 0, classes - 1))
        if options.get("sparse_y_pred", sparse_y_pred):
            right = t if t.shape == shape else t.argmax(axis=axis)
            p = np.where(random.rng.uniform(size=shape) < 0.5, right, ids(0, classes))
            return tensor(t, label), tensor(np.clip(p, 0, classes), dtype)
        scores = untied(random, shape + (classes,), dtype)
        return tensor(t, label), tensor(np.moveaxis(scores.data, -1, axis), dtype)

    return draw


def binary_segments(random, shape, dtype, label, options):
    threshold = options.get("threshold", 0.5)
    t = tensor(random.integers(shape, 0, 2), label)
    p = random.away(lambda: random.unit(shape, dtype).data, lambda p: p == threshold)
    return t, tensor(p, dtype)


def several_labels(random, shape, dtype, label, options):
    """Multi-hot labels, and probabilities with ties."""
    return tensor(random.integers(shape, 0, 2), label), random.unit(shape, dtype)


def judged(random, shape, dtype, label, options):
    """Class labels, and scores or (where the dtype is whole) predicted labels."""
    if dtype in FLOATS:
        return untied_sparse(random, shape, dtype, label, options)
    t = random.integers(shape[:1], 0, shape[1])
    p = np.where(random.rng.uniform(size=t.shape) < 0.5, t, random.integers(t.shape, 0, shape[1]))
    return tensor(t, label), tensor(p, dtype)


def confident(random, shape, dtype, label, options):
    """Class labels and probabilities without ties, right about half the time."""

    def fits(p):
        return all(len(set(row)) == len(row) for row in p.data)

    p = random.until(lambda: random.probabilities(shape, -1, dtype), fits)
    right, other = p.data.argmax(axis=-1), random.integers(shape[:1], 0, shape[1])
    return tensor(np.where(random.rng.uniform(size=right.shape) < 0.5, right, other), label), p
