# SPDX-License-Identifier: Apache-2.0
"""Small experiments for the tests of the assay command, and ways to run and compare them."""
import json
import os
import pathlib
import random
import subprocess

COMMAND = os.environ.get(
    "ASSAY_COMMAND", str(pathlib.Path(__file__).parents[2] / "build/tools/assay"))

EXPERIMENT = {
    "name": "blobs",
    "seed": 7,
    "threads": 1,
    "data": {
        "dataset": {"class_name": "CSV", "config": {"path": "blobs.csv", "label": "label"}},
        "split": {"validation": 0.1, "test": 0.2, "stratify": True},
        "standardize": True,
    },
    "model": [
        {"class_name": "Linear", "config": {"out_features": 32}},
        "ReLU",
        {"class_name": "Dropout", "config": {"rate": 0.4}},
        {"class_name": "Linear", "config": {"out_features": 3}},
    ],
    "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.005}},
    "loss": {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}},
    "metrics": ["accuracy", "crossentropy"],
    "fit": {"epochs": 6, "batch_size": 4},
    "callbacks": [
        {"class_name": "EarlyStopping",
         "config": {"monitor": "val_loss", "patience": 50, "restore_best_weights": True}},
        {"class_name": "ReduceLROnPlateau",
         "config": {"monitor": "loss", "mode": "min", "patience": 1, "min_delta": 0.05,
                    "factor": 0.7}},
        {"class_name": "CSVLogger", "config": {"filename": "log.csv"}},
    ],
    "checkpoint": {"every_steps": 7},
    "output": "run",
}


def write_blobs(path, rows=400, seed=3):
    """Three overlapping clouds of points in eight dimensions."""
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(f"x{i}" for i in range(8)) + ",label\n")
        for i in range(rows):
            label = i % 3
            point = [draw.gauss(0.6 * label if j % 3 == label else 0.0, 1.0) for j in range(8)]
            file.write(",".join(f"{x:.5f}" for x in point) + f",{label}\n")


def make(folder, changes=None):
    """An experiment in a folder; returns the path of its file."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_blobs(folder / "blobs.csv")
    experiment = json.loads(json.dumps(EXPERIMENT))
    experiment.update(changes or {})
    path = folder / "experiment.json"
    path.write_text(json.dumps(experiment, indent=2), encoding="utf-8")
    return path


def assay(*arguments, cwd=None):
    return subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True,
                          cwd=cwd, timeout=300, check=False)


def without_times(history):
    return {key: value for key, value in history.items() if key != "seconds"}


def checkpoint_content(path):
    """Tensors as bytes, and the description without wall-clock times."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + length])
    data = raw[8 + length:]
    metadata = header.pop("__metadata__")
    description = json.loads(metadata["checkpoint"])
    description["history"] = without_times(description["history"])
    tensors = {name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
               for name, entry in header.items()}
    return tensors, description


def results_of(folder):
    """Everything that two equal runs must agree in, bit for bit."""
    run = pathlib.Path(folder) / "run"
    best = run / "best.safetensors"
    return {
        "best": checkpoint_content(best) if best.exists() else None,
        "model": (run / "model.safetensors").read_bytes(),
        "metrics": (run / "metrics.safetensors").read_bytes(),
        "results": (run / "results.json").read_text(encoding="utf-8"),
        "history": without_times(json.loads((run / "history.json").read_text(encoding="utf-8"))),
        "log": (pathlib.Path(folder) / "log.csv").read_bytes(),
        "checkpoint": checkpoint_content(run / "checkpoint.safetensors"),
    }
