# SPDX-License-Identifier: Apache-2.0
"""Labels and predictions of which the metrics' pictures are drawn, the same on every machine."""
import random

import torch


def bell(count):
    """As many values, from the lowest to the highest, spread as a standard normal distribution's."""
    return torch.special.ndtri((torch.arange(count, dtype=torch.float64) + 0.5) / count).float()


def shuffled(values, seed=0):
    drawn = random.Random(seed)
    keys = [drawn.random() for _ in values]
    return values[sorted(range(len(keys)), key=keys.__getitem__)]


def noise(rows, columns):
    return shuffled(bell(rows * columns)).reshape(rows, columns)


def scores(apart, positives=100, negatives=100):
    """Probabilities whose logits, in both classes, are normal with deviation 1, means so far apart."""
    labels = torch.cat([torch.ones(positives), torch.zeros(negatives)])[:, None]
    logits = torch.cat([bell(positives) + apart / 2, bell(negatives) - apart / 2])
    return labels, torch.sigmoid(logits)[:, None]


def rare(apart):
    return scores(apart, 100, 900)


def partly_right(labels, wrong, share):
    """Labels, and predictions of which the first share is right."""
    right = torch.arange(len(labels)) < round(share * len(labels))
    return labels, torch.where(right, labels, wrong)


def ranked(added, classes, rows=200):
    """Classes, and noise as scores with something added to the right one's."""
    labels = torch.arange(rows) % classes
    return labels, noise(rows, classes) + added * one_hot(labels, classes)


def one_hot(labels, classes):
    return torch.nn.functional.one_hot(labels, classes).float()


def dense(example, classes):
    """The same with one-hot labels."""
    labels, predictions = example
    return one_hot(labels, classes), predictions


def masks(shift, width, size=32):
    """A square object in a picture, and its mask, off by some columns."""
    start = (size - width) // 2
    pictures = torch.zeros(2, size, size, dtype=torch.long)
    for picture, left in zip(pictures, (2, 2 + round(shift)), strict=True):
        picture[start:start + width, left:left + width] = 1
    return pictures[0], pictures[1]


def one_hot_masks(shift, width):
    return tuple(one_hot(mask, 2) for mask in masks(shift, width))


def noisy(sign, size):
    """A row of labels, and the same, or the opposite, with noise of that deviation."""
    labels, disturbance = shuffled(bell(100), 1)[None], shuffled(bell(100), 2)[None]
    return labels, sign * labels + size * disturbance


def missed(found, frequencies, to=0):
    """Classes so often; of the last only a share is found, the others are taken for class `to`."""
    labels = torch.repeat_interleave(torch.arange(len(frequencies)), torch.tensor(frequencies))
    predictions = labels.clone()
    predictions[len(labels) - round((1 - found) * frequencies[-1]):] = to
    return labels, predictions


def confident(confidence, accuracy):
    """Rows of two classes, always predicted with that confidence, right as often as that."""
    labels = (torch.arange(100) >= round(100 * accuracy)).long()
    return labels, torch.tensor([[confidence, 1 - confidence]]).expand(100, 2)
