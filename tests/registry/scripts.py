# SPDX-License-Identifier: Apache-2.0
"""A loss and a metric to script."""
from typing import Optional

import torch


class Charbonnier(torch.nn.Module):
    def __init__(self, epsilon: float = 1e-3):
        super().__init__()
        self.epsilon = epsilon

    def forward(self, y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
        return torch.sqrt((y_pred - y_true) ** 2 + self.epsilon**2).mean(-1)


class NearBy(torch.nn.Module):
    def __init__(self, tolerance: float = 0.1):
        super().__init__()
        self.registered_name = "script>NearBy"
        self.tolerance = tolerance
        self.register_buffer("hits", torch.zeros((), dtype=torch.int64))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))

    @torch.jit.export
    def update_state(
        self, y_true: torch.Tensor, y_pred: torch.Tensor, sample_weight: Optional[torch.Tensor]
    ) -> None:
        near = (y_pred - y_true.view_as(y_pred)).abs() <= self.tolerance
        self.hits += near.sum()
        self.count += near.numel()

    @torch.jit.export
    def result(self) -> torch.Tensor:
        return self.hits / self.count
