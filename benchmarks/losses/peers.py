# SPDX-License-Identifier: Apache-2.0
"""What a Python user would otherwise call for a loss."""

import keras
import torch
import torch.nn.functional as F

from contest import Contestant, limit


def cross_entropy(y_true, y_pred, config, weight):
    """F.cross_entropy; from probabilities, of their logarithm."""
    scores = y_pred if config.get("from_logits") else y_pred.log()
    options = {"label_smoothing": config.get("label_smoothing", 0.0)}
    if weight is None:
        return F.cross_entropy(scores, y_true, **options)
    return (F.cross_entropy(scores, y_true, reduction="none", **options) * weight).mean()


def binary_cross_entropy(y_true, y_pred, config, weight):
    if config.get("from_logits"):
        return F.binary_cross_entropy_with_logits(y_pred, y_true)
    return F.binary_cross_entropy(y_pred, y_true)


def cosine_similarity(y_true, y_pred, config, weight):
    return -F.cosine_similarity(y_true, y_pred).mean()


def kl_divergence(y_true, y_pred, config, weight):
    return F.kl_div(y_pred.log(), y_true, reduction="batchmean")


def ctc(y_true, y_pred, config, weight):
    steps = torch.full((y_pred.shape[0],), y_pred.shape[1])
    lengths = torch.full((y_true.shape[0],), y_true.shape[1])
    log_p = y_pred.log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(log_p, y_true, steps, lengths, reduction="none").mean()


LIBTORCH = {
    "SparseCategoricalCrossentropy": cross_entropy,
    "CategoricalCrossentropy": cross_entropy,
    "BinaryCrossentropy": binary_cross_entropy,
    "MeanSquaredError": lambda t, p, config, weight: F.mse_loss(p, t),
    "MeanAbsoluteError": lambda t, p, config, weight: F.l1_loss(p, t),
    "Huber": lambda t, p, config, weight: F.huber_loss(p, t),
    "CosineSimilarity": cosine_similarity,
    "KLDivergence": kl_divergence,
    "CTC": ctc,
}


def keras_loss(assay):
    """Keras's loss of the same configuration; None where it lacks an option."""
    try:
        return getattr(keras.losses, assay["class_name"])(**assay["config"])
    except TypeError:
        return None


def contest(workload, which, inputs):
    assay, p = workload["assay"], inputs.y_pred
    config = assay["config"]

    functions = {"assay": torch.classes.assay.Loss(workload["assay_json"]).call}
    if assay["class_name"] in LIBTORCH:
        libtorch = LIBTORCH[assay["class_name"]]
        functions["libtorch"] = lambda t, p, w: libtorch(t, p, config, w)
    if keras_of_it := keras_loss(assay):
        functions["keras"] = keras_of_it

    backward = which == "backward"
    p.requires_grad_(backward)

    def contestant(name, function):
        def run():
            if not backward:
                with torch.no_grad():
                    return function(inputs.y_true, p, inputs.sample_weight)
            p.grad = None
            value = function(inputs.y_true, p, inputs.sample_weight)
            value.backward()
            return value

        def results():
            value = run().detach()
            return [value, p.grad] if backward else [value]

        def timed():  # with the freeing of its gradient, for which the next would pay otherwise
            run()
            p.grad = None

        return Contestant(name, timed if backward else run, results)

    read = [inputs.y_true, p.detach()]
    contestants = [contestant(name, function) for name, function in functions.items()]
    return contestants + [limit(read, p if backward else None)]
