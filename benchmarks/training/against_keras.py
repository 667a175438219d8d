# SPDX-License-Identifier: Apache-2.0
"""The digits experiment written for Keras 3 on torch and for assay: the same initial weights, the
same batches. Prints how far the histories differ, and the seconds that an epoch takes.

    .venv/bin/python benchmarks/training/against_keras.py [epochs] [batch_size] [threads] [dtype]

Two trainings that round differently part where rounding decides whether a ReLU is active: in
float32 after some epochs, or in the first. In float64 they do not part, nor in float32 where the
activation is smooth.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["KERAS_BACKEND"] = "torch"
ROOT = pathlib.Path(__file__).parents[2]
COMMAND = os.environ.get("ASSAY_COMMAND", str(ROOT / "build/tools/assay"))

# What activations are called by both.
ACTIVATIONS = {"relu": "ReLU", "tanh": "Tanh"}


def model(activation):
    active = ACTIVATIONS[activation]
    return [
        {"class_name": "Reshape", "config": {"target_shape": [1, 8, 8]}},
        {"class_name": "Conv2d", "config": {"out_channels": 32, "kernel_size": 3,
                                            "padding": "same"}},
        active,
        {"class_name": "Conv2d", "config": {"out_channels": 64, "kernel_size": 3,
                                            "padding": "same"}},
        active,
        {"class_name": "MaxPool2d", "config": {"kernel_size": 2}},
        "Flatten",
        {"class_name": "Linear", "config": {"out_features": 64}},
        active,
        {"class_name": "Linear", "config": {"out_features": 10}},
    ]


def digits(rows=1440):
    """((x, y) to train on, (x, y) to validate on): pixels in [0, 1]."""
    import numpy as np
    table = np.loadtxt(ROOT / "examples/digits/digits.csv", delimiter=",", skiprows=1,
                       dtype=np.float32)
    x, y = table[:, :-1] / 16, table[:, -1].astype(np.int64)
    return (x[:rows], y[:rows]), (x[1440:], y[1440:])


def write_experiment(folder, data, epochs, batch_size, threads, dtype, activation="relu"):
    import numpy as np
    for name, (x, y) in zip(("train", "validation"), data):
        np.savez(folder / f"{name}.npz", x=x, y=y)
    dataset = lambda name: {"class_name": "NPZ", "config": {"path": f"{name}.npz"}}
    experiment = {
        "seed": 1, "threads": threads, "dtype_policy": dtype,
        "data": {"dataset": dataset("train"), "validation": dataset("validation")},
        "model": model(activation),
        "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.001}},
        "loss": {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}},
        "metrics": ["accuracy"],
        "fit": {"epochs": epochs, "batch_size": batch_size, "shuffle": False},
        "output": "run",
    }
    path = folder / "experiment.json"
    path.write_text(json.dumps(experiment), encoding="utf-8")
    return path


def train_with_assay(experiment):
    """(history, seconds of each epoch) of the experiment."""
    subprocess.run([COMMAND, "train", experiment, "--quiet", "--no-resume"], check=True)
    record = json.loads((experiment.parent / "run/history.json").read_text(encoding="utf-8"))
    return record["history"], record["seconds"]


def initial_weights(experiment):
    """The weights that assay begins with: those that a learning rate of 0 leaves."""
    import safetensors.numpy
    output = experiment.parent / "initial"
    subprocess.run([COMMAND, "train", experiment, "--quiet", "--no-resume", "--epochs", "1",
                    "--output", output, "--set", "optimizer.config.learning_rate=0"], check=True)
    return safetensors.numpy.load_file(output / "model.safetensors")


def train_with_keras(weights, data, epochs, batch_size, threads, dtype, activation="relu"):
    """(history, seconds of each epoch) of the same training."""
    import keras
    import torch
    torch.set_num_threads(threads)
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    (x, y), validation = data
    first = {"data_format": "channels_first"}
    layers = keras.layers
    net = keras.Sequential([
        keras.Input((64,)), layers.Reshape((1, 8, 8)),
        layers.Conv2D(32, 3, padding="same", activation=activation, **first),
        layers.Conv2D(64, 3, padding="same", activation=activation, **first),
        layers.MaxPooling2D(2, **first), layers.Reshape((1024,)),
        layers.Dense(64, activation=activation), layers.Dense(10)])
    arrays = []
    for name in sorted({key.split(".")[0] for key in weights}, key=int):
        kernel = weights[f"{name}.weight"]
        arrays += [kernel.transpose(2, 3, 1, 0) if kernel.ndim == 4 else kernel.T,
                   weights[f"{name}.bias"]]
    net.set_weights(arrays)
    net.compile(optimizer=keras.optimizers.Adam(0.001),
                loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                metrics=["accuracy"])
    seconds = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            seconds.append(time.perf_counter() - self.start)

    history = net.fit(x, y, batch_size=batch_size, epochs=epochs, shuffle=False, verbose=0,
                      validation_data=validation, callbacks=[Clock()])
    return history.history, seconds


def compare(epochs=5, batch_size=32, threads=1, dtype="float32", rows=1440, activation="relu"):
    """(differences by name, seconds of assay's epochs, seconds of Keras's)."""
    settings = digits(rows), epochs, batch_size, threads, dtype, activation
    with tempfile.TemporaryDirectory() as folder:
        experiment = write_experiment(pathlib.Path(folder), *settings)
        ours, our_seconds = train_with_assay(experiment)
        theirs, their_seconds = train_with_keras(initial_weights(experiment), *settings)
    assert set(ours) == set(theirs), (set(ours), set(theirs))
    differences = {name: max(abs(a - b) for a, b in zip(ours[name], theirs[name], strict=True))
                   for name in ours}
    return differences, our_seconds, their_seconds


def main():
    numbers = [int(text) for text in sys.argv[1:4]]
    differences, ours, theirs = compare(*numbers, *sys.argv[4:])
    for name, difference in differences.items():
        print(f"{name}: differs by at most {difference:.2e}")
    # The first epoch pays for what is made once.
    ours, theirs = min(ours[1:] or ours), min(theirs[1:] or theirs)
    print(f"seconds an epoch: assay {ours:.3f}, Keras {theirs:.3f}: {theirs / ours:.1f} times")


if __name__ == "__main__":
    main()
