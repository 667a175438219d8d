# SPDX-License-Identifier: Apache-2.0
"""What each loss costs as one number of its prediction moves."""
import json
import math

import torch

from . import plot

POINTS = 80


def number(x, label):
    """A label and a prediction of one number each."""
    return torch.tensor([[label]]), torch.tensor([[x]])


def classes(p, label):
    """A label of two classes, and their probabilities."""
    return torch.tensor([label]), torch.tensor([[p, 1 - p]])


def directions(angle):
    return torch.tensor([[1.0, 0.0]]), torch.tensor([[math.cos(angle), math.sin(angle)]])


def gaussian(x):
    return torch.tensor([[0.0]]), torch.tensor([[x, 0.0]])


def sequence(x):
    """One label in one step, whose logit is x beside the blank's 0."""
    return torch.tensor([[1]]), torch.tensor([[[0.0, x]]])


def similarities(angle):
    """Two embeddings of a class at an angle, and one of another class across."""
    points = [[1.0, 0.0], [math.cos(angle), math.sin(angle)], [0.0, -1.0]]
    return torch.tensor([0, 0, 1]), torch.tensor(points)


ERROR = ("prediction, where the label is 0", -3.0, 3.0, lambda x: number(x, 0.0))
ABOVE_ONE = ("prediction, where the label is 1", 0.0, 4.0, lambda x: number(x, 1.0))
MARGIN = ("prediction, where the label is 1", -2.0, 3.0, lambda x: number(x, 1.0))
CHANCE = ("probability of 1, where the label is 1", 0.005, 0.995, lambda x: number(x, 1.0))
DENSE = ("probability of the right class", 0.005, 0.995, lambda x: classes(x, [1.0, 0.0]))
SPARSE = ("probability of the right class", 0.005, 0.995, lambda x: classes(x, 0))
MASK = ("mask where it should be 1, with 0.5 where 0", 0.0, 1.0,
        lambda x: (torch.tensor([[1.0, 0.0]]), torch.tensor([[x, 0.5]])))
GAMMAS = [{"gamma": 0.0}, {"gamma": 2.0}, {"gamma": 5.0}]

# What moves, and the options of each line.
CURVES = {
    "BinaryCrossentropy": (CHANCE, [{}, {"label_smoothing": 0.2}, {"pos_weight": 2.0}]),
    "BinaryFocalCrossentropy": (CHANCE, GAMMAS),
    "CTC": (("logit of the label, where the blank's is 0", -4.0, 4.0, sequence), [{}]),
    "CategoricalCrossentropy": (DENSE, [{}, {"label_smoothing": 0.2}]),
    "CategoricalFocalCrossentropy": (DENSE, GAMMAS),
    "CategoricalGeneralizedCrossEntropy": (SPARSE, [{"q": 0.2}, {"q": 0.5}, {"q": 0.8}]),
    "CategoricalHinge": (("score of the right class, where the other's is 0", -2.0, 3.0,
                          lambda x: (torch.tensor([[1.0, 0.0]]), torch.tensor([[x, 0.0]]))), [{}]),
    "Circle": (("angle of two embeddings of one class", 0.0, math.pi, similarities),
               [{"gamma": 8.0}, {"gamma": 16.0}]),
    "CosineSimilarity": (("angle of label and prediction", 0.0, math.pi, directions), [{}]),
    "Dice": (MASK, [{}]),
    "GaussianNegativeLogLikelihood": (("mean, where the label is 0, the variance 1", -3.0, 3.0, gaussian), [{}]),
    "Hinge": (MARGIN, [{}]),
    "Huber": (ERROR, [{"delta": 0.5}, {"delta": 1.0}, {"delta": 2.0}]),
    "KLDivergence": (("probability of a class, where its label is 0.7", 0.02, 0.98,
                      lambda x: classes(x, [0.7, 0.3])), [{}]),
    "LogCosh": (ERROR, [{}]),
    "MeanAbsoluteError": (ERROR, [{}]),
    "MeanAbsolutePercentageError": (ABOVE_ONE, [{}]),
    "MeanSquaredError": (ERROR, [{}]),
    "MeanSquaredLogarithmicError": (ABOVE_ONE, [{}]),
    "Poisson": (("prediction, where the label is 1", 0.05, 4.0, ABOVE_ONE[3]), [{}]),
    "Quantile": (ERROR, [{"quantile": 0.1}, {"quantile": 0.5}, {"quantile": 0.9}]),
    "SparseCategoricalCrossentropy": (SPARSE, [{}, {"label_smoothing": 0.2}]),
    "SparseCategoricalFocalCrossentropy": (SPARSE, GAMMAS),
    "SquaredHinge": (MARGIN, [{}]),
    "Tversky": (MASK, [{"alpha": 0.5, "beta": 0.5}, {"alpha": 0.9, "beta": 0.1}]),
}


def said(options):
    return ", ".join(f"{key} {value:g}" for key, value in options.items()) or "as it is"


def picture(name):
    (label, first, last, example), lines = CURVES[name]
    xs = [first + (last - first) * i / (POINTS - 1) for i in range(POINTS)]
    drawn = []
    for options in lines:
        loss = torch.classes.assay.Loss(json.dumps({"class_name": name, "config": options}))
        drawn.append(plot.Line(said(options), [(x, float(loss.call(*example(x)))) for x in xs]))
    return plot.chart(f"{name} by {label}", label, drawn)
