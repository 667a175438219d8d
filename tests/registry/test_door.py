# SPDX-License-Identifier: Apache-2.0
"""The Python and TorchScript door: torch.classes.assay.Loss and Metric, for every class there is.

The environment's ASSAY_LIBRARY is the library (libassay.so). Exit status 77 where it or torch is
missing; the exchange of configurations with Keras says so where keras is missing.
"""

import collections
import importlib
import io
import json
import os
import pathlib
import pickle
import sys
import tempfile
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

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import scripts  # noqa: E402

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import keras
except ImportError:
    keras = None

Loss = torch.classes.assay.Loss
Metric = torch.classes.assay.Metric
LOSSES = torch.ops.assay.loss_names()
METRICS = torch.ops.assay.metric_names()
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"

# Labels name classes there: nothing to differentiate, or to add a fraction to.
CLASS_LABELS = {
    "CTC",
    "CategoricalGeneralizedCrossEntropy",
    "Circle",
    "SparseCategoricalCrossentropy",
    "SparseCategoricalFocalCrossentropy",
}


def tensor(data):
    if data is None:
        return None
    numbers = [float(x) for x in data["data"]]
    dtype = getattr(torch, data.get("dtype", "float64"))
    return torch.tensor(numbers, dtype=torch.float64).reshape(data["shape"]).to(dtype)


def cases(family, name):
    path = GOLDEN / family / f"{name}.json"
    return json.loads(path.read_text())["cases"] if path.exists() else []


def random_cases(family, name):
    return [case for case in cases(family, name) if case["name"].startswith("(")]


def identifier(name, config):
    return json.dumps({"class_name": name, "config": config})


def calls(case):
    for call in case.get("updates", [case]):
        yield tensor(call["y_true"]), tensor(call["y_pred"]), tensor(call["sample_weight"])


class HostReads(TorchDispatchMode):
    """Notices operators that make the host wait, or whose result's shape depends on data."""

    NAMES = {
        "_local_scalar_dense",
        "item",
        "nonzero",
        "masked_select",
        "is_nonzero",
        "equal",
        "_unique",
        "_unique2",
        "unique_dim",
        "unique_consecutive",
        "repeat_interleave",
    }

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        operator = function.overloadpacket.__name__
        by_mask = operator == "index" and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        if by_mask or operator in self.NAMES:
            self.seen.append(str(function))
        return function(*args, **(kwargs or {}))


class DoorTest(unittest.TestCase):
    def assert_near(self, actual, case):
        expected = tensor(case["expected"])
        self.assertEqual(actual.shape, expected.shape)
        close = torch.allclose(
            actual.detach().to(torch.float64), expected, rtol=case["rtol"], atol=case["atol"], equal_nan=True
        )
        self.assertTrue(close, f"{actual} is not {expected}")

    def refused(self, *named):
        """A context in which a ValueError must be raised that names these."""
        test = self

        class Refused:
            def __enter__(self):
                return self

            def __exit__(self, kind, error, trace):
                test.assertIsNotNone(kind, f"nothing was raised; expected a ValueError with {named}")
                if not issubclass(kind, ValueError):
                    return False
                for name in named:
                    test.assertIn(name, str(error))
                return True

        return Refused()


class Names(DoorTest):
    def test_are_sorted_and_without_duplicates(self):
        for names in (LOSSES, METRICS):
            self.assertEqual(names, sorted(set(names)))
            self.assertGreater(len(names), 0)

    def test_make_something_by_class_name_or_alias(self):
        self.assertEqual(json.loads(Loss("mse").get_config())["class_name"], "MeanSquaredError")
        self.assertEqual(json.loads(Metric("acc").get_config())["class_name"], "Accuracy")

    def test_loading_the_library_again_changes_nothing(self):
        names = torch.ops.assay.loss_names()
        torch.ops.load_library(LIBRARY)
        self.assertEqual(torch.ops.assay.loss_names(), names)

    def test_unknown_names_are_value_errors_that_suggest_one(self):
        for make in (Loss, Metric):
            with self.refused("unknown", "mean_squared_eror", "Did you mean 'mean_squared_error'?"):
                make("mean_squared_eror")
            with self.refused("not valid JSON"):
                make('{"class_name": ')
            with self.refused("class_name", "missing"):
                make("{}")
            with self.refused("twice"):
                make('{"class_name": "MeanSquaredError", "class_name": "MeanSquaredError"}')
            with self.refused("nested deeper"):
                make('{"class_name": ' + "[" * 10000 + "]" * 10000 + "}")
            with self.refused("MeanSquaredError", "nam", "Did you mean 'name'?"):
                make(identifier("MeanSquaredError", {"nam": "x"}))
            with self.refused("MeanSquaredError.name", "a string"):
                make(identifier("MeanSquaredError", {"name": 3}))


class Plugins(DoorTest):
    def test_one_that_is_loaded_has_its_names_here(self):
        plugin = os.environ["ASSAY_PLUGIN_MINE"]
        names = torch.ops.assay.load_plugin(plugin)
        self.assertEqual(names, ["mine>Charbonnier", "mine>Within", "mine>Scale"])
        self.assertEqual(torch.ops.assay.load_plugin(plugin), names)
        y_pred = torch.tensor([[3.0], [-3.0]], requires_grad=True)
        loss = Loss(identifier("mine>Charbonnier", {"epsilon": 4}))
        loss.call(torch.zeros(2, 1), y_pred).backward()
        self.assertTrue(torch.allclose(y_pred.grad, torch.tensor([[0.3], [-0.3]])))
        with self.refused("cannot load the plugin", __file__, "no shared library"):
            torch.ops.assay.load_plugin(__file__)


class Scripts(DoorTest):
    def test_files_scripted_here_are_losses_and_metrics(self):
        with tempfile.TemporaryDirectory() as folder:
            loss_path, metric_path = f"{folder}/loss.pt", f"{folder}/metric.pt"
            torch.jit.script(scripts.Charbonnier()).save(loss_path)
            torch.jit.script(scripts.NearBy()).save(metric_path)
            loss = Loss(identifier(loss_path, {"epsilon": 0.5, "reduction": "sum"}))
            y_pred = torch.tensor([[1.2], [0.0]], requires_grad=True)
            value = loss.call(torch.zeros(2, 1), y_pred)
            self.assertAlmostEqual(value.item(), 1.8, places=6)
            value.backward()
            self.assertTrue(torch.allclose(y_pred.grad, torch.tensor([[1.2 / 1.3], [0.0]])))
            self.assertEqual(Loss(loss.get_config()).get_config(), loss.get_config())

            metric, other = Metric(metric_path), Metric(metric_path)
            metric.update_state(torch.zeros(2), torch.tensor([0.0, 1.0]))
            other.update_state(torch.zeros(2), torch.tensor([0.0, 0.0]))
            metric.merge_state([other])
            self.assertEqual(metric.result().item(), 0.75)
            restored = pickle.loads(pickle.dumps(metric))
            self.assertEqual(restored.result().item(), 0.75)
            with self.refused(loss_path, "update_state"):
                Metric(loss_path)
            with self.refused(metric_path, "no method forward"):
                Loss(metric_path)


class WrongConfigurations(DoorTest):
    def test_are_value_errors_that_name_what_is_wrong(self):
        path = pathlib.Path(__file__).resolve().parent / "wrong_configurations.json"
        for family, table in json.loads(path.read_text()).items():
            for wrong in table:
                with self.subTest(family=family, text=wrong["text"][:200]):
                    with self.refused(*wrong["named"]):
                        (Loss if family == "losses" else Metric)(wrong["text"])


class Losses(DoorTest):
    def test_values_are_the_golden_ones(self):
        for name in LOSSES:
            for case in cases("losses", name):
                with self.subTest(loss=name, case=case["name"]):
                    loss = Loss(identifier(name, case["config"]))
                    for y_true, y_pred, weight in calls(case):
                        self.assert_near(loss.call(y_true, y_pred, weight), case)
                        if weight is None:
                            self.assert_near(loss.call(y_true, y_pred), case)
                        else:
                            self.assert_near(loss.call(y_true, y_pred, sample_weight=weight), case)

    def test_gradients_are_the_finite_differences(self):
        for name in LOSSES:
            seen = set()
            for case in random_cases("losses", name):
                config = {k: v for k, v in case["config"].items() if k not in ("dtype", "reduction")}
                if repr(config) in seen:
                    continue
                seen.add(repr(config))
                with self.subTest(loss=name, case=case["name"]):
                    loss = Loss(identifier(name, config))
                    y_true, y_pred, weight = next(calls(case))
                    y_pred = y_pred.to(torch.float64).requires_grad_()
                    inputs = [y_pred]
                    if name not in CLASS_LABELS:
                        y_true = (y_true.to(torch.float64) * 0.9 + 0.04).requires_grad_()
                        inputs.append(y_true)
                    if weight is not None:
                        weight = weight.to(torch.float64).requires_grad_()
                        inputs.append(weight)

                    def value(y_pred, *rest, loss=loss, y_true=y_true, name=name):
                        rest = list(rest)
                        t = y_true if name in CLASS_LABELS else rest.pop(0)
                        return loss.call(t, y_pred, rest[0] if rest else None)

                    self.assertTrue(torch.autograd.gradcheck(value, inputs, eps=1e-6, atol=1e-5))
                    self.assertTrue(torch.autograd.gradgradcheck(value, inputs, eps=1e-6, atol=1e-4))

    def test_backward_fills_the_gradient_of_a_model(self):
        for name in LOSSES:
            case = random_cases("losses", name)[0]
            with self.subTest(loss=name):
                y_true, y_pred, weight = next(calls(case))
                y_pred = torch.nn.Parameter(y_pred.to(torch.float32))
                config = {k: v for k, v in case["config"].items() if k not in ("dtype", "reduction")}
                Loss(identifier(name, config)).call(y_true, y_pred, weight).backward()
                self.assertEqual(y_pred.grad.shape, y_pred.shape)
                self.assertTrue(torch.isfinite(y_pred.grad).all())
                with torch.no_grad():
                    value = Loss(identifier(name, config)).call(y_true, y_pred)
                self.assertFalse(value.requires_grad)

    def test_a_weight_that_does_not_fit_is_a_value_error(self):
        for name in LOSSES:
            case = random_cases("losses", name)[0]
            y_true, y_pred, _ = next(calls(case))
            with self.subTest(loss=name):
                with self.refused("sample_weight", "[171]"):
                    Loss(identifier(name, case["config"])).call(y_true, y_pred, torch.ones(171))

    def test_masked_rows_leave_the_mean_whatever_they_hold(self):
        y_pred = torch.tensor([[1.0, 3.0], [float("nan"), 1.0], [2.0, 2.0]], requires_grad=True)
        mask = torch.tensor([True, False, True])
        value = Loss("mean_squared_error").call(torch.zeros(3, 2), y_pred, None, mask)
        value.backward()
        self.assertEqual(value.item(), 4.5)
        self.assertTrue(torch.equal(y_pred.grad[1], torch.zeros(2)))
        with self.refused("mask", "[7]"):
            Loss("mean_squared_error").call(torch.zeros(3, 2), y_pred, mask=torch.ones(7))

    def test_shapes_that_do_not_fit_are_value_errors(self):
        for name in LOSSES:
            case = random_cases("losses", name)[0]
            y_true, y_pred, _ = next(calls(case))
            with self.subTest(loss=name):
                with self.refused("y_true", "y_pred"):
                    Loss(identifier(name, case["config"])).call(y_true, torch.cat([y_pred, y_pred]))

    def test_unknown_options_are_value_errors(self):
        for name in LOSSES:
            config = random_cases("losses", name)[0]["config"]
            with self.subTest(loss=name):
                with self.refused(name, "reductoin", "Did you mean 'reduction'?"):
                    Loss(identifier(name, {**config, "reductoin": "sum"}))
                with self.refused(name + ".reduction", "sums", "Did you mean 'sum'?"):
                    Loss(identifier(name, {**config, "reduction": "sums"}))

    def test_labels_out_of_range_are_value_errors(self):
        for name in sorted(CLASS_LABELS - {"CTC", "Circle"}):
            with self.subTest(loss=name):
                with self.refused("y_true", "3"):
                    Loss(name).call(torch.tensor([0, 3]), torch.full((2, 3), 1 / 3))

    def test_configurations_come_back_as_keras_writes_them(self):
        for name in LOSSES:
            for case in cases("losses", name):
                with self.subTest(loss=name, case=case["name"]):
                    text = Loss(identifier(name, case["config"])).get_config()
                    config = json.loads(text)
                    self.assertEqual(list(config), ["module", "class_name", "config", "registered_name"])
                    self.assertEqual(config["module"], "keras.losses")
                    self.assertEqual(config["class_name"], name)
                    self.assertIsNone(config["registered_name"])
                    for key, value in case["config"].items():
                        if key == "reduction":
                            value = {None: "none", "mean": "sum_over_batch_size"}.get(value, value)
                        self.assertEqual(config["config"][key], value)
                    self.assertEqual(Loss(text).get_config(), text)

    def test_pickle_and_torch_save_bring_them_back(self):
        for name in LOSSES:
            case = random_cases("losses", name)[0]
            y_true, y_pred, weight = next(calls(case))
            with self.subTest(loss=name):
                loss = Loss(identifier(name, case["config"]))
                file = io.BytesIO()
                torch.save(loss, file)
                file.seek(0)
                for copy in (
                    pickle.loads(pickle.dumps(loss)),
                    torch.load(file, weights_only=False),
                ):
                    self.assertEqual(copy.get_config(), loss.get_config())
                    self.assertTrue(
                        torch.equal(copy.call(y_true, y_pred, weight), loss.call(y_true, y_pred, weight))
                    )


class Metrics(DoorTest):
    @staticmethod
    def update(metric, case, order=1):
        for y_true, y_pred, weight in list(calls(case))[::order]:
            metric.update_state(y_true, y_pred, weight)

    def test_results_are_the_golden_ones(self):
        for name in METRICS:
            for case in cases("metrics", name):
                with self.subTest(metric=name, case=case["name"]):
                    metric = Metric(identifier(name, case["config"]))
                    self.update(metric, case)
                    self.assert_near(metric.result(), case)
                    results = metric.results()
                    self.assertGreater(len(results), 0)
                    if len(results) == 1:
                        (only,) = results.values()
                        self.assert_near(only, case)
                    metric.reset_state()
                    self.update(metric, case)
                    self.assert_near(metric.result(), case)

    def test_merging_gives_what_one_metric_gives(self):
        # A window counts updates, and a bootstrap draws by a sample's place in the stream.
        for name in sorted(set(METRICS) - {"BootstrapInterval", "SlidingWindow"}):
            for case in cases("metrics", name):
                with self.subTest(metric=name, case=case["name"]):
                    parts = []
                    for y_true, y_pred, weight in calls(case):
                        parts.append(Metric(identifier(name, case["config"])))
                        parts[-1].update_state(y_true, y_pred, weight)
                    before = [[v.clone() for v in part.variables()] for part in parts[1:]]
                    parts[0].merge_state(parts[1:])
                    self.assert_near(parts[0].result(), case)
                    for part, variables in zip(parts[1:], before):
                        for a, b in zip(part.variables(), variables):
                            self.assertTrue(torch.equal(a, b) or a.isnan().any())

    def test_merging_another_class_or_configuration_is_a_value_error(self):
        for name in METRICS:
            found = random_cases("metrics", name)
            if not found:
                continue
            with self.subTest(metric=name):
                metric = Metric(identifier(name, found[0]["config"]))
                self.update(metric, found[0])
                before = [v.clone() for v in metric.variables()]
                other = Metric("Sum" if name != "Sum" else "Mean")
                exact = Metric(identifier(name, {**found[0]["config"], "dtype": "float64"}))
                with self.refused("merge_state"):
                    metric.merge_state([other])
                with self.refused("merge_state"):
                    metric.merge_state([exact])
                for a, b in zip(metric.variables(), before):
                    self.assertTrue(torch.equal(a, b))

    def test_a_failed_update_changes_nothing(self):
        for name in METRICS:
            found = random_cases("metrics", name)
            if not found:
                continue
            with self.subTest(metric=name):
                metric = Metric(identifier(name, found[0]["config"]))
                self.update(metric, found[0])
                before = [v.clone() for v in metric.variables()]
                y_true, y_pred, _ = next(calls(found[0]))
                with self.refused("sample_weight"):
                    metric.update_state(y_true, y_pred, torch.ones(171))
                if y_pred is not None:
                    with self.refused("y_true", "y_pred"):
                        metric.update_state(y_true, torch.cat([y_pred, y_pred]))
                    with self.refused("y_pred"):
                        metric.update_state(y_true)
                for a, b in zip(metric.variables(), before):
                    self.assertTrue(torch.equal(a, b))

    def test_variables_are_float64_or_int64(self):
        for name in METRICS:
            found = random_cases("metrics", name)
            if not found:
                continue
            with self.subTest(metric=name):
                metric = Metric(identifier(name, found[0]["config"]))
                self.update(metric, found[0])
                self.assertGreater(len(metric.variables()), 0)
                for variable in metric.variables():
                    self.assertIn(variable.dtype, (torch.float64, torch.int64))

    def test_configurations_come_back_as_keras_writes_them(self):
        for name in METRICS:
            for case in cases("metrics", name):
                with self.subTest(metric=name, case=case["name"]):
                    text = Metric(identifier(name, case["config"])).get_config()
                    config = json.loads(text)
                    self.assertEqual(list(config), ["module", "class_name", "config", "registered_name"])
                    self.assertEqual(config["module"], "keras.metrics")
                    self.assertEqual(config["class_name"], name)
                    for key, value in case["config"].items():
                        if key == "thresholds" and "num_thresholds" in config["config"]:
                            value = sorted(value)  # Keras sorts a curve's too
                        if key not in ("fn", "metric"):  # another configuration, written in full
                            self.assertEqual(config["config"][key], value)
                    self.assertEqual(Metric(text).get_config(), text)

    def test_pickle_and_torch_save_bring_configuration_and_state_back(self):
        for name in METRICS:
            found = random_cases("metrics", name)
            if not found:
                continue
            with self.subTest(metric=name):
                metric = Metric(identifier(name, found[0]["config"]))
                self.update(metric, found[0])
                file = io.BytesIO()
                torch.save(metric, file)
                file.seek(0)
                for copy in (
                    pickle.loads(pickle.dumps(metric)),
                    torch.load(file, weights_only=False),
                ):
                    self.assertEqual(copy.get_config(), metric.get_config())
                    self.assertTrue(torch.equal(copy.result(), metric.result()))
                    again = Metric(metric.get_config())
                    self.update(again, found[0])
                    self.update(again, found[0])
                    self.update(copy, found[0])
                    self.assertTrue(torch.equal(copy.result(), again.result()))

    def test_updates_and_results_never_wait_for_the_device(self):
        # A tensor of the meta device has no numbers: to read one, or to copy it to the host, throws.
        with self.assertRaises(RuntimeError):
            torch.ones(2, device="meta").sum().item()
        for name in METRICS:
            for case in cases("metrics", name):
                with self.subTest(metric=name, case=case["name"]):
                    metric = Metric(identifier(name, case["config"]))
                    expected = Metric(identifier(name, case["config"]))
                    with HostReads() as reads:
                        for call in calls(case):
                            metric.update_state(*(None if x is None else x.to("meta") for x in call))
                        result = metric.result()
                        metric.results()
                        metric.reset_state()
                    self.assertEqual(reads.seen, [])
                    self.update(expected, case)
                    self.assertEqual(result.device.type, "meta")
                    self.assertEqual(result.shape, expected.result().shape)
                    self.assertEqual(result.dtype, expected.result().dtype)
                    for variable in metric.variables():
                        self.assertEqual(variable.device.type, "meta")

    def test_host_reads_are_noticed(self):
        for read in (
            lambda x: x.sum().item(),
            lambda x: x.nonzero(),
            lambda x: x.masked_select(x > 0),
            lambda x: x[x > 0],
            lambda x: torch.equal(x, x),
            lambda x: x.unique(),
        ):
            with HostReads() as reads:
                read(torch.ones(3))
            self.assertNotEqual(reads.seen, [])
        with HostReads() as reads:
            torch.ones(3).add(1).sum()
        self.assertEqual(reads.seen, [])

    def test_mean_takes_values_alone(self):
        metric = Metric("Mean")
        metric.update_state(torch.tensor([1.0, 3.0, 5.0, 7.0]))
        self.assertEqual(metric.result().item(), 4.0)
        metric.reset_state()
        metric.update_state(
            torch.tensor([1.0, 3.0, 5.0, 7.0]), sample_weight=torch.tensor([1.0, 1.0, 0.0, 0.0])
        )
        self.assertEqual(metric.result().item(), 2.0)


class TorchScript(DoorTest):
    def test_a_function_may_make_and_call_a_loss(self):
        @torch.jit.script
        def mean_squared_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
            loss = torch.classes.assay.Loss("mean_squared_error")
            return loss.call(y_true, y_pred, None)

        y_pred = torch.tensor([[1.0, 2.0]], requires_grad=True)
        value = mean_squared_error(torch.zeros(1, 2), y_pred)
        value.backward()
        self.assertEqual(value.item(), 2.5)
        self.assertTrue(torch.equal(y_pred.grad, torch.tensor([[1.0, 2.0]])))

    def test_every_loss_is_called_the_same_in_a_saved_module(self):
        class Scored(torch.nn.Module):
            def __init__(self, loss):
                super().__init__()
                self.loss = loss

            def forward(self, y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
                return self.loss.call(y_true, y_pred, None)

        for name in LOSSES:
            case = random_cases("losses", name)[0]
            y_true, y_pred, _ = next(calls(case))
            with self.subTest(loss=name):
                loss = Loss(identifier(name, case["config"]))
                scripted = torch.jit.script(Scored(loss))
                file = io.BytesIO()
                torch.jit.save(scripted, file)
                file.seek(0)
                loaded = torch.jit.load(file)
                expected = loss.call(y_true, y_pred)
                self.assertTrue(torch.equal(scripted(y_true, y_pred), expected))
                self.assertTrue(torch.equal(loaded(y_true, y_pred), expected))

    def test_every_metric_counts_in_a_script_and_is_saved_with_its_state(self):
        class Counting(torch.nn.Module):
            def __init__(self, metric):
                super().__init__()
                self.metric = metric

            def forward(self, y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
                self.metric.update_state(y_true, y_pred, None)
                return self.metric.result()

        for name in METRICS:
            found = random_cases("metrics", name)
            if not found or found[0]["updates"][0]["y_pred"] is None:
                continue
            y_true, y_pred, _ = next(calls(found[0]))
            with self.subTest(metric=name):
                config = identifier(name, found[0]["config"])
                scripted = torch.jit.script(Counting(Metric(config)))
                reference = Metric(config)
                for _ in range(2):
                    scripted(y_true, y_pred)
                    reference.update_state(y_true, y_pred)
                file = io.BytesIO()
                torch.jit.save(scripted, file)
                file.seek(0)
                loaded = torch.jit.load(file)
                reference.update_state(y_true, y_pred)
                self.assertTrue(torch.equal(loaded(y_true, y_pred), reference.result()))


@unittest.skipIf(keras is None, "keras is not installed")
class KerasExchange(DoorTest):
    """Configurations cross both ways for every class that Keras has."""

    @staticmethod
    def as_assay_writes(key, value):
        """Keras has two spellings of some values; assay writes one."""
        if isinstance(value, dict) and value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        if isinstance(value, dict) and value.get("class_name") == "__tensor__":
            return value["config"]["value"]
        if key == "reduction":
            return {None: "none", "mean": "sum_over_batch_size"}.get(value, value)
        return value

    def exchange(self, family, module, make, ours):
        """How many configurations crossed both ways, by class."""
        crossed = collections.Counter()
        for name in ours:
            theirs = getattr(module, name, None)
            if theirs is None:
                continue
            for case in cases(family, name):
                if case["source"] != "keras":
                    continue
                with self.subTest(family=family, name=name, case=case["name"]):
                    config = dict(case["config"])
                    config.pop("dtype", None)
                    if "fn" in config:
                        config["fn"] = getattr(keras.losses, config["fn"])
                    original = theirs(**config)
                    written = module.serialize(original)
                    # A loss of Keras forgets its dtype, a metric always names one.
                    mine = make(json.dumps(written))
                    sent = json.loads(mine.get_config())
                    self.assertEqual(sent["class_name"], written["class_name"])
                    self.assertEqual(sent["module"], written["module"])
                    if "fn" in config:
                        back = module.deserialize(sent)
                        self.assertEqual(module.serialize(back)["config"]["fn"], written["config"]["fn"])
                        crossed[name] += 1
                        continue
                    for key, value in written["config"].items():
                        self.assertEqual(sent["config"][key], self.as_assay_writes(key, value), key)
                    if name == "CategoricalGeneralizedCrossEntropy":  # Keras finds it nowhere
                        back = theirs.from_config(sent["config"])
                    else:
                        back = module.deserialize(sent)
                    self.assertIsInstance(back, theirs)
                    for key, value in module.serialize(back)["config"].items():
                        self.assertEqual(
                            self.as_assay_writes(key, value),
                            self.as_assay_writes(key, written["config"][key]),
                            key,
                        )
                    crossed[name] += 1
        return crossed

    def test_losses_cross_both_ways(self):
        self.assertGreater(self.exchange("losses", keras.losses, Loss, LOSSES).total(), 100)

    def test_metrics_cross_both_ways(self):
        crossed = self.exchange("metrics", keras.metrics, Metric, METRICS)
        self.assertEqual(set(crossed), set(self.keras_metrics()))
        self.assertGreater(crossed.total(), 1000)

    @staticmethod
    def keras_metrics():
        for name, member in vars(keras.metrics).items():
            if isinstance(member, type) and issubclass(member, keras.metrics.Metric):
                if member is not keras.metrics.Metric:
                    yield name

    def test_every_metric_of_keras_is_there_under_its_names(self):
        for name in self.keras_metrics():
            self.assertIn(name, METRICS)
        names = importlib.import_module("keras.src.metrics").ALL_OBJECTS_DICT
        self.assertGreater(len(names), 80)
        for name, their_class in names.items():
            if their_class is keras.metrics.Metric:
                continue
            with self.subTest(name=name):
                class_name = their_class.__name__
                cases_of_class = random_cases("metrics", class_name)
                config = {k: v for k, v in cases_of_class[0]["config"].items() if k != "dtype"}
                made = Metric(identifier(name, config))
                self.assertEqual(json.loads(made.get_config())["class_name"], class_name)

    def test_variables_are_kerass_in_its_order(self):
        """Ours may have more behind them."""
        tried = set()
        for name in self.keras_metrics():
            for case in random_cases("metrics", name):
                if case["source"] != "keras" or "dtype" in case["config"]:
                    continue
                with self.subTest(metric=name, case=case["name"]):
                    config = dict(case["config"])
                    if "fn" in config:
                        config["fn"] = getattr(keras.losses, config["fn"])
                    theirs = getattr(keras.metrics, name)(**config, dtype="float32")
                    ours = Metric(identifier(name, case["config"]))
                    for y_true, y_pred, weight in calls(case):
                        ours.update_state(y_true, y_pred, weight)
                        if y_pred is None:
                            theirs.update_state(y_true, weight)
                        else:
                            theirs.update_state(y_true, y_pred.to(torch.float32), weight)
                    variables = ours.variables()
                    self.assertGreaterEqual(len(variables), len(theirs.variables))
                    for mine, their in zip(variables, theirs.variables):
                        their = their.value.detach().to(mine.dtype)
                        self.assertEqual(mine.shape, their.shape)
                        self.assertTrue(torch.allclose(mine, their, rtol=1e-2, atol=1e-4), their)
                    tried.add(name)
        self.assertEqual(tried, set(self.keras_metrics()))


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    if keras is None:
        print("skipped: keras is not installed")
    unittest.main()
