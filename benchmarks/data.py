# SPDX-License-Identifier: Apache-2.0
"""Draws the tensors of a workload, as workload.cpp does."""

import dataclasses

import torch


@dataclasses.dataclass
class Inputs:
    y_true: torch.Tensor
    y_pred: torch.Tensor
    sample_weight: torch.Tensor | None
    labels: torch.Tensor  # y_true as the class ids that some libraries ask for


def draw(kind, shape, dtype):
    if kind == "normal":
        return torch.randn(shape).to(dtype)
    if kind == "distribution":
        return torch.randn(shape).softmax(-1).to(dtype)
    if kind == "unit":
        return torch.empty(shape).uniform_(0.001, 0.999).to(dtype)
    if kind == "bits":
        return torch.randint(2, shape).to(dtype)
    if kind == "ids":
        return torch.randint(21, shape)
    if kind == "sequences":
        return torch.randint(1, shape[-1], (shape[0], 24))
    if kind == "one_hot":  # every class occurs
        return torch.nn.functional.one_hot(torch.randperm(shape[0]) % shape[-1], shape[-1]).to(dtype)
    classes = torch.randint(shape[-1], shape[:-1])
    if kind == "half_ignored":
        classes[::2] = -100
    return classes


def inputs_of(workload):
    torch.manual_seed(1)
    shape, dtype = tuple(workload["shape"]), getattr(torch, workload["dtype"])
    y_true = draw(workload["y_true"], shape, dtype)
    return Inputs(
        y_true,
        draw(workload["y_pred"], shape, dtype),
        torch.rand(shape[0]) + 0.5 if workload["weighted"] else None,
        y_true.argmax(-1) if workload["y_true"] == "one_hot" else y_true.long(),
    )
