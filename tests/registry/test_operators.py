# SPDX-License-Identifier: Apache-2.0
"""Every operator assay::x in Python: opcheck (schema, autograd, fake tensors, tracing with sizes that
change), torch.compile, autocast.

The environment's ASSAY_LIBRARY is the library (libassay.so). Exit status 77 where it or torch is
missing.
"""

import os
import pathlib
import sys
import unittest
import warnings

try:
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

LIBRARY = os.environ.get("ASSAY_LIBRARY", "")
if not pathlib.Path(LIBRARY).is_file():
    print(f"skipped: ASSAY_LIBRARY is '{LIBRARY}', which is no library")
    sys.exit(77)
torch.ops.load_library(LIBRARY)

from torch.nn.functional import normalize, one_hot  # noqa: E402

CLASSES = torch.tensor([0, 2, 1, 2])
BINARY = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def numbers(*shape):
    return torch.rand(*shape) * 0.8 + 0.1


def probabilities():
    return torch.softmax(torch.randn(4, 3), -1)


def zeros(*shape):
    return torch.zeros(*shape, dtype=torch.float64)


PAIRS = (
    "cosine_similarity dice huber kl_divergence log_cosh mean_absolute_error "
    "mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson "
    "quantile tversky hinge squared_hinge categorical_hinge"
).split()

# Arguments of each loss: labels first; what follows can be differentiated.
LOSSES = {
    **{name: lambda: (numbers(4, 3), numbers(4, 3)) for name in PAIRS},
    "binary_crossentropy": lambda: (BINARY, numbers(4, 3)),
    "binary_focal_crossentropy": lambda: (BINARY, numbers(4, 3)),
    "categorical_crossentropy": lambda: (one_hot(CLASSES, 3).float(), probabilities()),
    "categorical_focal_crossentropy": lambda: (one_hot(CLASSES, 3).float(), probabilities()),
    "categorical_generalized_cross_entropy": lambda: (CLASSES, probabilities()),
    "circle": lambda: (CLASSES, normalize(torch.randn(4, 3), dim=-1)),
    "ctc": lambda: (torch.tensor([[1, 2], [2, 0]]), torch.randn(2, 6, 4)),
    "gaussian_negative_log_likelihood": lambda: (numbers(4, 3), numbers(4, 6)),
    "linear_sparse_categorical_crossentropy": lambda: (
        CLASSES, torch.randn(4, 5), torch.randn(3, 5), torch.randn(3)),
    "sparse_categorical_crossentropy": lambda: (CLASSES, probabilities()),
    "sparse_categorical_focal_crossentropy": lambda: (CLASSES, probabilities()),
}

# Losses whose kernels are operators of their own: all but those that have no kernel, and CTC, whose
# kernel keeps tensors with shapes that depend on data. torch.compile traces the formulas of the rest.
WITH_KERNELS = {*PAIRS, "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
                "sparse_categorical_crossentropy"} - {"categorical_hinge"}

# Operators of metrics; those with a trailing underscore write into their first arguments.
COUNTS = {
    "add_binary_pairs_": lambda: (zeros(2, 2), zeros(2), BINARY, numbers(4, 3), None, 0.5),
    "add_class_pairs_": lambda: (zeros(3, 3), zeros(3), CLASSES, CLASSES),
    "add_column_sums_": lambda: ([zeros(3) for _ in range(6)], numbers(4, 3), numbers(4, 3)),
    "add_f_score_counts_": lambda: (
        zeros(3), zeros(3), zeros(3), zeros(3), BINARY, numbers(4, 3), None, 0.5),
    "add_samplewise_sums_": lambda: (zeros(()), zeros(()), numbers(4, 3), numbers(4), None),
    "add_threshold_counts_": lambda: (
        [zeros(5), zeros(5)], [0, 1], BINARY, numbers(4, 3), None, 5, True, None, None, False),
    "add_weighted_sum_": lambda: (zeros(()), numbers(4), numbers(4)),
    "argmax_hits": lambda: (CLASSES, torch.randn(4, 3)),
    "binary_hits": lambda: (BINARY, numbers(4, 3), 0.5),
    "moments_of_rows": lambda: (numbers(4, 3), numbers(4, 3)),
    "row_argmax": lambda: (torch.randn(4, 3),),
    "top_k_hits": lambda: (CLASSES, torch.randn(4, 3), 2),
}

# They take no tensors.
WITHOUT_TENSORS = {"loss_names", "metric_names", "load_plugin"}


def operator(name):
    return getattr(torch.ops.assay, name)


def with_gradients(arguments):
    return (arguments[0], *(argument.requires_grad_() for argument in arguments[1:]))


def gradients(value, arguments):
    return torch.autograd.grad(value.sum(), [a for a in arguments if a.requires_grad])


class OperatorsTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)

    def compiled(self, function):
        """One graph, without breaks."""
        torch._dynamo.reset()  # else it gives up after some functions from one line
        return torch.compile(function, backend="aot_eager", fullgraph=True)

    def assert_near(self, actual, expected):
        torch.testing.assert_close(actual, expected, rtol=1e-5, atol=1e-6)


class Check(OperatorsTest):
    def test_every_operator_is_here(self):
        defined = {s.name.removeprefix("assay::") for s in torch._C._jit_get_all_schemas()
                   if s.name.startswith("assay::")}
        parts = {f"{name}_{part}" for name in LOSSES for part in ("forward", "backward")}
        self.assertEqual(defined - parts, set(LOSSES) | set(COUNTS) | WITHOUT_TENSORS)

    def test_losses_pass_opcheck_with_and_without_gradients(self):
        for name, make in LOSSES.items():
            with self.subTest(operator=name):
                torch.library.opcheck(operator(name).default, make())
                torch.library.opcheck(operator(name).default, with_gradients(make()))

    def test_their_kernels_pass_opcheck(self):
        for name, make in LOSSES.items():
            if name not in WITH_KERNELS:
                continue
            with self.subTest(operator=name):
                arguments = make()
                if name in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
                    arguments += (True,)  # from probabilities, one statistic is not written
                forward, backward = operator(f"{name}_forward"), operator(f"{name}_backward")
                torch.library.opcheck(forward.default, arguments)
                values, *statistics = forward(*arguments)
                torch.library.opcheck(
                    backward.default,
                    (torch.ones_like(values), *arguments[:2], statistics, *arguments[2:]))

    def test_counts_pass_opcheck(self):
        for name, make in COUNTS.items():
            with self.subTest(operator=name):
                torch.library.opcheck(operator(name).default, make())


class Compile(OperatorsTest):
    def test_losses_compiled_have_the_values_and_gradients_of_others(self):
        for name, make in LOSSES.items():
            with self.subTest(operator=name):
                arguments = with_gradients(make())
                expected = operator(name)(*arguments)
                actual = self.compiled(operator(name))(*arguments)
                self.assert_near(actual, expected)
                self.assert_near(gradients(actual, arguments), gradients(expected, arguments))

    def test_counts_compiled_write_what_others_write(self):
        for name, make in COUNTS.items():
            with self.subTest(operator=name):
                torch.manual_seed(0)
                plain = make()
                torch.manual_seed(0)
                traced = make()
                actual = self.compiled(operator(name))(*traced)
                self.assert_near(actual, operator(name)(*plain))
                self.assert_near(traced, plain)


class Autocast(OperatorsTest):
    def test_losses_compute_in_float32(self):
        for name, make in LOSSES.items():
            with self.subTest(operator=name):
                arguments = make()
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    under_autocast = operator(name)(*arguments)
                self.assertEqual(under_autocast.dtype, torch.float32)
                self.assert_near(under_autocast, operator(name)(*arguments))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    unittest.main()
