# SPDX-License-Identifier: Apache-2.0
"""How long an epoch of the digits experiment takes in assay and in Keras 3 on torch: measured in
turn, and written to RESULTS.md beside this file."""

import pathlib
import statistics
import sys
import tempfile

HERE = pathlib.Path(__file__).parent.resolve()
sys.path[:0] = [str(HERE), str(HERE.parent)]
import against_keras  # noqa: E402
import machine  # noqa: E402

SETTINGS = [(batch_size, threads) for batch_size in (32, 128) for threads in (1, 2)]
ROUNDS = 5
EPOCHS = 6


def seconds(epochs):
    """Of the fastest epoch. The first one pays for what is made once."""
    return min(epochs[1:])


def measure(batch_size, threads):
    """(milliseconds of assay's epoch, of Keras's, their ratio): the median round's."""
    settings = against_keras.digits(), EPOCHS, batch_size, threads, "float32"
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        experiment = against_keras.write_experiment(pathlib.Path(folder), *settings)
        weights = against_keras.initial_weights(experiment)
        for _ in range(ROUNDS):
            ours = seconds(against_keras.train_with_assay(experiment)[1])
            theirs = seconds(against_keras.train_with_keras(weights, *settings)[1])
            rounds.append((theirs / ours, ours, theirs))
    ratio = statistics.median(ratio for ratio, _, _ in rounds)
    return [1000 * statistics.median(times) for times in list(zip(*rounds))[1:]] + [ratio]


def page(rows):
    lines = [
        "# A training beside Keras's",
        "",
        "`script/bench training` writes this page. The digits experiment of",
        "[against_keras.py](against_keras.py) in `assay train` and in Keras 3 on torch: an epoch of 1440",
        f"digits and the validation on 357. {ROUNDS} rounds in turn, the fastest epoch of each, the median"
        " of the rounds.",
        "",
        "| batch | threads | assay | Keras | Keras takes |",
        "|---|---|---|---|---|",
    ]
    for batch_size, threads, ours, theirs, ratio in rows:
        lines.append(f"| {batch_size} | {threads} | {ours:.0f} ms | {theirs:.0f} ms | {ratio:.1f} times as long |")
    lines += ["", "| | |", "|---|---|"]
    described = machine.describe(HERE.parents[1] / "build", ("torch", "keras", "numpy"))
    lines += [f"| {name} | {value} |" for name, value in described.items()]
    return "\n".join(lines) + "\n"


def main():
    rows = []
    for batch_size, threads in SETTINGS:
        rows.append([batch_size, threads, *measure(batch_size, threads)])
        print("batches of {}, {} threads: assay {:.0f} ms, Keras {:.0f} ms, ratio {:.2f}".format(*rows[-1]),
              flush=True)
    (HERE / "RESULTS.md").write_text(page(rows))


if __name__ == "__main__":
    main()
