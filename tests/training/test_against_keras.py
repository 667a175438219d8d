# SPDX-License-Identifier: Apache-2.0
"""A training of assay's is that of Keras: histories agree, and options have the same names."""
import inspect
import json
import os
import pathlib
import subprocess
import sys
import unittest

os.environ["KERAS_BACKEND"] = "torch"
try:
    import keras
except ImportError:
    print("needs keras")
    sys.exit(77)

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = os.environ.get("ASSAY_COMMAND", str(ROOT / "build/tools/assay"))
sys.path.insert(0, str(ROOT / "benchmarks/training"))
import against_keras  # noqa: E402

KINDS = {"optimizers": keras.optimizers, "schedules": keras.optimizers.schedules,
         "callbacks": keras.callbacks}


def listed(kind):
    listing = subprocess.run([COMMAND, "list", kind], check=True, text=True, capture_output=True)
    return [line.split()[0] for line in listing.stdout.splitlines()]


def described(name):
    text = subprocess.run([COMMAND, "describe", name, "--json"], check=True, text=True,
                          capture_output=True).stdout
    return json.loads(text)[0]["config"]["properties"]


class AgainstKeras(unittest.TestCase):
    def expect_agreement(self, tolerance, epochs, **settings):
        differences, ours, _ = against_keras.compare(epochs, **settings)
        self.assertEqual(set(differences), {"loss", "accuracy", "val_loss", "val_accuracy"})
        self.assertEqual(len(ours), epochs)
        for name, difference in differences.items():
            self.assertLess(difference, tolerance, name)

    # Keras reports float32 numbers of a float64 training too.
    def test_histories_agree(self):
        self.expect_agreement(1e-6, 4, dtype="float64")

    def test_histories_agree_in_float32_where_activations_are_smooth(self):
        self.expect_agreement(1e-5, 4, activation="tanh")

    # Longer, and the two may part where a ReLU's input rounds to either side of 0.
    def test_histories_begin_alike_in_float32(self):
        self.expect_agreement(1e-5, 1, rows=320)

    def test_options_have_kerass_names_and_defaults(self):
        for kind, module in KINDS.items():
            for name in listed(kind):
                theirs = inspect.signature(getattr(module, name).__init__).parameters
                ours = described(name)
                for option, parameter in theirs.items():
                    if option in ("self", "kwargs"):
                        continue
                    with self.subTest(name=name, option=option):
                        self.assertIn(option, ours)
                        default = parameter.default
                        if default is inspect.Parameter.empty or option == "name":
                            continue
                        self.assertEqual(ours[option].get("default"), default)


if __name__ == "__main__":
    unittest.main()
