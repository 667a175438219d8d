# SPDX-License-Identifier: Apache-2.0
"""The documented formulas in mpmath: exact to far more digits than any result type has.

Each takes the arithmetic `m` (mpmath.mp, or mpmath.fp for a row too long for it), one row of labels
and predictions as lists, the bounds of the clip, and the loss's options. The clip's upper bound is
rounded to the type that computes, as the documentation says.
"""

import mpmath

EPSILON = 1e-7


def mean(m, values):
    return m.fsum(values) / len(values)


def clip(x, low, high):
    return min(max(x, low), high)


def log_sum_exp(m, x):
    top = max(x)
    return top + m.log(m.fsum(m.exp(v - top) for v in x))


def softplus(m, x):
    return max(x, 0) + m.log1p(m.exp(-abs(x)))


def one_hot(label, p):
    return [1 if i == label else 0 for i in range(len(p))]


def smoothed(t, a, share):
    return [v * (1 - a) + a * share for v in t] if a else t


# --- Regression ---------------------------------------------------------------


def mean_squared_error(m, t, p, bounds):
    return mean(m, [(a - b) ** 2 for a, b in zip(t, p)])


def mean_absolute_error(m, t, p, bounds):
    return mean(m, [abs(a - b) for a, b in zip(t, p)])


def mean_absolute_percentage_error(m, t, p, bounds):
    return 100 * mean(m, [abs(a - b) / max(abs(a), EPSILON) for a, b in zip(t, p)])


def mean_squared_logarithmic_error(m, t, p, bounds):
    def log(x):
        return m.log1p(max(x, EPSILON))

    return mean(m, [(log(a) - log(b)) ** 2 for a, b in zip(t, p)])


def huber(m, t, p, bounds, delta=1.0):
    errors = [abs(a - b) for a, b in zip(t, p)]
    return mean(m, [e**2 / 2 if e <= delta else delta * e - m.mpf(delta) ** 2 / 2 for e in errors])


def log_cosh(m, t, p, bounds):
    def cost(e):  # log(cosh(e)), without the overflow of cosh
        return e + m.log1p(m.exp(-2 * e)) - m.log(2) if e > 1 else m.log(m.cosh(e))

    return mean(m, [cost(abs(a - b)) for a, b in zip(t, p)])


def cosine_similarity(m, t, p, bounds):
    norms = [max(m.sqrt(m.fsum(v * v for v in x)), EPSILON) for x in (t, p)]
    return -m.fsum(a / norms[0] * (b / norms[1]) for a, b in zip(t, p))


def poisson(m, t, p, bounds):
    return mean(m, [b - a * m.log(b + EPSILON) for a, b in zip(t, p)])


def kl_divergence(m, t, p, bounds):
    low = bounds[0]
    pairs = [(clip(a, low, 1), clip(b, low, 1)) for a, b in zip(t, p)]
    return m.fsum(a * m.log(a / b) for a, b in pairs)


def quantile(m, t, p, bounds, quantile=0.5):
    errors = [a - b for a, b in zip(t, p)]
    return mean(m, [max(quantile * e, (m.mpf(quantile) - 1) * e) for e in errors])


def gaussian_negative_log_likelihood(m, t, p, bounds, full=False):
    means, log_variances = p[: len(t)], p[len(t) :]
    terms = zip(t, means, log_variances)
    value = mean(m, [(s + (a - b) ** 2 * m.exp(-s)) / 2 for a, b, s in terms])
    return value + m.log(2 * m.pi) / 2 if full else value


# --- Hinges -------------------------------------------------------------------


def signed(t):
    """Labels of -1 and 1, where all rows have 0 and 1 alone."""
    binary = all(v in (0, 1) for row in t for v in row)
    return [[2 * v - 1 for v in row] for row in t] if binary else t


def hinge(m, t, p, bounds):
    return mean(m, [max(1 - a * b, 0) for a, b in zip(t, p)])


def squared_hinge(m, t, p, bounds):
    return mean(m, [max(1 - a * b, 0) ** 2 for a, b in zip(t, p)])


def categorical_hinge(m, t, p, bounds):
    positive = m.fsum(a * b for a, b in zip(t, p))
    negative = max((1 - a) * b for a, b in zip(t, p))
    return max(1 + negative - positive, 0)


# --- Crossentropies -----------------------------------------------------------


def log_chances(m, p, bounds, from_logits):
    """log(p) of each class, from logits or from probabilities that are normalised, then clipped."""
    if from_logits:
        total = log_sum_exp(m, p)
        return [v - total for v in p]
    total = m.fsum(p)
    return [m.log(clip(v / total if total else 1 / m.mpf(len(p)), *bounds)) for v in p]


def categorical_crossentropy(m, t, p, bounds, from_logits=False, label_smoothing=0.0):
    t = smoothed(t, m.mpf(label_smoothing), 1 / m.mpf(len(p)))
    return -m.fsum(asked(a, b) for a, b in zip(t, log_chances(m, p, bounds, from_logits)))


def sparse_categorical_crossentropy(
    m, t, p, bounds, from_logits=False, label_smoothing=0.0, ignore_class=None
):
    if t == ignore_class:
        return m.mpf(0)
    scores = p if from_logits else [m.log(clip(v, *bounds)) for v in p]
    target = one_hot(t, p)
    return categorical_crossentropy(m, target, scores, bounds, True, label_smoothing)


def focal(m, log_p, gamma):
    return -((-m.expm1(log_p)) ** gamma) * log_p if log_p else m.mpf(0)


def categorical_focal_crossentropy(m, t, p, bounds, alpha=0.25, gamma=2.0, from_logits=False):
    terms = zip(t, log_chances(m, p, bounds, from_logits))
    return alpha * m.fsum(asked(a, focal(m, log_p, gamma)) for a, log_p in terms)


def sparse_categorical_focal_crossentropy(m, t, p, bounds, ignore_class=None, **options):
    if t == ignore_class:
        return m.mpf(0)
    return categorical_focal_crossentropy(m, one_hot(t, p), p, bounds, **options)


def asked(share, cost):
    """What nobody asks for costs nothing, not 0 times infinity."""
    return share * cost if share else 0


def binary_costs(m, x, bounds, from_logits):
    """What a 1 and what a 0 cost."""
    if from_logits:
        return softplus(m, -x), softplus(m, x)
    x = m.mpf(clip(x, *bounds))
    return -m.log(x), -m.log(1 - x)


def binary_crossentropy(m, t, p, bounds, from_logits=False, label_smoothing=0.0, pos_weight=1.0):
    values = []
    for a, x in zip(smoothed(t, m.mpf(label_smoothing), m.mpf("0.5")), p):
        one, zero = binary_costs(m, x, bounds, from_logits)
        values.append(pos_weight * asked(a, one) + asked(1 - a, zero))
    return mean(m, values)


def binary_focal_crossentropy(
    m, t, p, bounds, from_logits=False, gamma=2.0, apply_class_balancing=False, alpha=0.25
):
    values = []
    for a, x in zip(t, p):
        one, zero = binary_costs(m, x, bounds, from_logits)
        p_one, p_zero = (m.exp(-one), m.exp(-zero)) if from_logits else (x, 1 - x)
        missed = a * p_zero + (1 - a) * p_one
        balance = a * alpha + (1 - a) * (1 - alpha) if apply_class_balancing else 1
        values.append(balance * missed**gamma * (asked(a, one) + asked(1 - a, zero)))
    return mean(m, values)


def categorical_generalized_cross_entropy(m, t, p, bounds, q=0.5):
    return (1 - m.mpf(p[t]) ** q) / q


# --- Overlaps, sequences, metric learning -------------------------------------


def dice(m, t, p, bounds):
    both = m.fsum(a * b for a, b in zip(t, p))
    return 1 - 2 * both / (m.fsum(t) + m.fsum(p) + EPSILON)


def tversky(m, t, p, bounds, alpha=0.5, beta=0.5):
    both = m.fsum(a * b for a, b in zip(t, p))
    missed = m.fsum(a * (1 - b) for a, b in zip(t, p))
    claimed = m.fsum((1 - a) * b for a, b in zip(t, p))
    return 1 - both / (both + alpha * missed + beta * claimed + EPSILON)


def ctc(m, t, p, bounds):
    """The summed probability of all paths, step by step over the states blank, label, blank .."""
    rows = [[m.exp(v) for v in log_chances(m, row, bounds, True)] for row in p]
    label = [v for v in t if v != 0]
    states = [0]
    for v in label:
        states += [v, 0]
    paths = [rows[0][c] if s < 2 else m.mpf(0) for s, c in enumerate(states)]
    for row in rows[1:]:
        before = paths
        paths = []
        for s, c in enumerate(states):
            arrived = before[s] + (before[s - 1] if s > 0 else 0)
            if s > 1 and c != 0 and c != states[s - 2]:
                arrived += before[s - 2]
            paths.append(arrived * row[c])
    return -m.log(paths[-1] + (paths[-2] if len(states) > 1 else 0))


def circle(m, t, p, bounds, gamma=80.0, margin=0.4):
    """Over all rows at once: each is compared with the others."""
    margin = m.mpf(margin)
    values = []
    for i, label in enumerate(t):
        pull, push = [], []
        for j, other in enumerate(t):
            d = max(1 - m.fsum(a * b for a, b in zip(p[i], p[j])), 0)
            if label != other:
                push.append(gamma * max(1 + margin - d, 0) * (1 - margin - d))
            elif i != j:
                pull.append(gamma * (d + margin) * (d - margin))
        both = pull and push
        values.append(
            softplus(m, log_sum_exp(m, pull) + log_sum_exp(m, push)) if both else m.mpf(0)
        )
    return values


def snake(name):
    special = {"KLDivergence": "kl_divergence", "CTC": "ctc"}
    return special.get(name) or "".join(
        "_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name)
    )


def values(m, name, config, t, p, bounds):
    """The unreduced values of a batch: `t` and `p` are lists of rows."""
    formula = globals()[snake(name)]
    number = m.mpf
    p = [numbers(number, row) for row in p]
    t = [numbers(number, row) if isinstance(row, list) and name != "CTC" else row for row in t]
    t = signed(t) if name in ("Hinge", "SquaredHinge") else t
    bounds = [number(bound) for bound in bounds]
    if name == "Circle":
        return formula(m, t, p, bounds, **config)
    return [formula(m, a, b, bounds, **config) for a, b in zip(t, p)]


def numbers(number, row):
    return [numbers(number, v) if isinstance(v, list) else number(v) for v in row]


mpmath.mp.dps = 120
