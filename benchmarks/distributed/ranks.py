# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of script/bench distributed: one process of several, as ranks.cpp is: torchmetrics
over Gloo, and DistributedDataParallel."""
import json
import math
import os
import sys
import time

import torch
import torch.distributed as dist
import workloads


def waves(shape, frequency, phase):
    count = torch.arange(math.prod(shape), dtype=torch.float64)
    return (count * frequency + phase).sin().view(shape)


class SynchronizeMetrics:
    def __init__(self, workload):
        import torchmetrics
        rows = 4096
        first = rows * dist.get_rank()
        y_pred = (waves((rows,), 0.7, 0.7 * first) * 0.49 + 0.5).float()
        y_true = waves((rows,), 1.3, 1.3 * first) > 0
        self.metrics = torchmetrics.MetricCollection(workloads.torchmetrics_metrics())
        self.metrics.update(y_pred, y_true.long())
        self.values = {}

    def run(self, times):
        for _ in range(times):
            # SensitivityAtSpecificity gives a threshold besides.
            self.values = {name: float(value[0] if isinstance(value, tuple) else value)
                           for name, value in self.metrics.compute().items()}

    def results(self):
        return self.values


def make_model(name):
    from torch import nn
    if name == "mlp":
        return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(),
                             nn.Linear(256, 10))
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(),
                         nn.Linear(128, 10))


class Train:
    def __init__(self, workload):
        self.name, self.rows = workload["model"], workload["rows_each"]
        net = make_model(self.name)
        with torch.no_grad():
            for phase, parameter in enumerate(net.parameters(), 1):
                inputs = parameter[0].numel() if parameter.dim() > 1 else parameter.numel()
                parameter.copy_(waves(parameter.shape, 0.61, phase) / math.sqrt(inputs))
        self.net = torch.nn.parallel.DistributedDataParallel(net)
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
        self.x = None

    def run(self, times):
        self.fit(times, True)

    def results(self):
        return {"loss of 5 steps": self.fit(5, False), "loss of 5 more": self.fit(5, False)}

    def fit(self, steps, shuffle):
        batch = self.rows * dist.get_world_size()
        count = steps * batch
        if self.x is None or len(self.x) != count:
            shape = (count, 64) if self.name == "mlp" else (count, 1, 28, 28)
            self.x, self.y = waves(shape, 0.37, 0).float(), torch.arange(count) % 10
        generator = torch.Generator().manual_seed(1)
        order = torch.randperm(count, generator=generator) if shuffle else torch.arange(count)
        total = torch.zeros((), dtype=torch.float64)
        for first in range(0, count, batch):
            begin = first + dist.get_rank() * self.rows
            rows = order[begin : begin + self.rows]
            x, y = self.x[rows], self.y[rows]
            self.optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(self.net(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        dist.all_reduce(total)
        return total.item() / steps / dist.get_world_size()


def count_collectives(counts):
    """Counts the calls that Python makes. DistributedDataParallel makes its own in C++."""
    for name in ("all_gather", "all_reduce", "barrier", "broadcast"):
        def counted(*args, _call=getattr(dist, name), **kwargs):
            counts["collectives"] += 1
            return _call(*args, **kwargs)
        setattr(dist, name, counted)
        setattr(torch.distributed.distributed_c10d, name, counted)


def main():
    torch.set_num_threads(1)
    workload = json.loads(sys.argv[1])
    dist.init_process_group("gloo")
    made = SynchronizeMetrics(workload) if "metrics" in workload else Train(workload)
    counts = {"collectives": 0}
    first = dist.get_rank() == 0
    if "metrics" in workload:
        count_collectives(counts)
    for line in sys.stdin:
        what, *numbers = line.split()
        if what == "results":
            answer = made.results()
        else:
            times = int(numbers[0])
            dist.barrier()
            counts["collectives"] = 0
            start = time.perf_counter()
            made.run(times)
            answer = {"seconds": (time.perf_counter() - start) / times,
                      "collectives": counts["collectives"] / times}
        if first:
            print(json.dumps(answer), flush=True)
    os._exit(0)


main()
