# SPDX-License-Identifier: Apache-2.0
"""The same call made of assay, of Keras and of torch.nn.functional."""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

try:
    import keras
except ImportError:
    keras = None

torch.set_num_threads(1)


def assay(name, config, t, p, mask=None):
    config = {"reduction": "none", **config}
    loss = torch.classes.assay.Loss(json.dumps({"class_name": name, "config": config}))
    return loss.call(t, p, None, mask)


def of_keras(name, config, t, p, mask=None):
    """Computed in the predictions' type; its default computes everything in float32."""
    dtype = str(p.dtype).removeprefix("torch.")
    config = {"reduction": "none", **config}
    if mask is not None:
        p = p.clone()
        p._keras_mask = mask
    return getattr(keras.losses, name)(**config, dtype=dtype)(t, p)


def last(values):
    return values.mean(-1)


def reduced(function):
    """With Keras's names of reductions."""

    def call(t, p, reduction="none", **options):
        values = function(t, p, **options)
        return values if reduction == "none" else values.mean()

    return call


def crossentropy(t, p, from_logits=False, label_smoothing=0.0, ignore_class=-100, reduction="none"):
    reduction = "none" if reduction == "none" else "mean"
    scores = p if from_logits else p.log()
    return F.cross_entropy(
        scores, t, ignore_index=ignore_class, label_smoothing=label_smoothing, reduction=reduction
    )


def binary(t, p, from_logits=False, label_smoothing=0.0, pos_weight=None):
    t = t.to(p.dtype) * (1 - label_smoothing) + label_smoothing / 2
    if from_logits:
        weight = None if pos_weight is None else torch.tensor(pos_weight)
        cost = F.binary_cross_entropy_with_logits(p, t, reduction="none", pos_weight=weight)
    else:
        cost = F.binary_cross_entropy(p, t, reduction="none")
    return last(cost)


def ctc(t, p):
    log_p = F.log_softmax(p, -1).transpose(0, 1)
    steps = torch.full((len(p),), p.shape[1])
    return F.ctc_loss(log_p, t, steps, (t != 0).sum(1), reduction="none")


def gaussian(t, p, full=False):
    mean, log_variance = p.split(t.shape[-1], -1)
    return last(F.gaussian_nll_loss(mean, t, log_variance.exp(), full=full, reduction="none"))


# What torch.nn.functional has; means over the last axis are torch.mean's.
FUNCTIONAL = {
    "MeanSquaredError": lambda t, p: last(F.mse_loss(p, t, reduction="none")),
    "MeanAbsoluteError": lambda t, p: last(F.l1_loss(p, t, reduction="none")),
    "Huber": lambda t, p, delta=1.0: last(F.huber_loss(p, t, reduction="none", delta=delta)),
    "KLDivergence": lambda t, p: F.kl_div(p.log(), t, reduction="none").sum(-1),
    "Poisson": lambda t, p: last(
        F.poisson_nll_loss(p, t, log_input=False, eps=1e-7, reduction="none")
    ),
    "CosineSimilarity": lambda t, p: -F.cosine_similarity(t, p, dim=-1, eps=1e-7),
    "BinaryCrossentropy": binary,
    "CategoricalCrossentropy": crossentropy,
    "SparseCategoricalCrossentropy": crossentropy,
    "CTC": ctc,
    "GaussianNegativeLogLikelihood": gaussian,
}


def of_torch(name, config, t, p):
    function = FUNCTIONAL[name]
    return (function if function is crossentropy else reduced(function))(t, p, **config)
