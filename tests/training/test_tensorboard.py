# SPDX-License-Identifier: Apache-2.0
"""What the TensorBoard callback writes, read by the real tensorboard package."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tools"))
import experiments  # noqa: E402

try:
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
    from safetensors.numpy import load_file
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

CALLBACK = {"class_name": "TensorBoard",
            "config": {"log_dir": "logs", "histogram_freq": 1, "update_freq": 50}}


def train(folder, epochs, *options):
    path = folder / "experiment.json"
    if not path.exists():
        experiments.make(folder, {"callbacks": [CALLBACK]})
    run = experiments.assay("train", path, "--epochs", epochs, *options)
    assert run.returncode == 0, run.stderr
    return json.loads((folder / "run/history.json").read_text())


def read(folder):
    reader = event_accumulator.EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    reader.Reload()
    return reader


def scalars(folder):
    reader = read(folder)
    return {tag: [(event.step, event.value) for event in reader.Scalars(tag)]
            for tag in reader.Tags()["scalars"]}


def records(folder):
    """Every summary, in order, by the reader that checks each record's checksums."""
    (file,) = sorted(folder.glob("events.out.tfevents.*"))
    return [Event.FromString(record) for record in RawEventFileLoader(str(file)).Load()]


class TensorBoard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name) / "whole"
        cls.history = train(cls.folder, 3)["history"]

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def same(self, points, values):
        self.assertEqual([step for step, _ in points], list(range(len(values))))
        for (_, value), expected in zip(points, values):
            self.assertAlmostEqual(value, expected, places=6)

    def test_epoch_values_are_those_of_the_history(self):
        train_, validation = scalars(self.folder / "logs/train"), scalars(self.folder / "logs/validation")
        self.assertTrue(any(name.startswith("val_") for name in self.history))
        for name, values in self.history.items():
            if name.startswith("val_"):
                self.same(validation["epoch_" + name[4:]], values)
            else:
                self.same(train_["epoch_" + name], values)
        self.assertEqual(len(train_["epoch_learning_rate"]), 3)

    def test_batch_values_come_every_update_freq_batches(self):
        steps = [step for step, _ in scalars(self.folder / "logs/train")["batch_loss"]]
        self.assertEqual(steps, list(range(50, steps[-1] + 1, 50)))
        self.assertGreater(len(steps), 3)

    def test_histograms_count_every_weight(self):
        reader = read(self.folder / "logs/train")
        model = load_file(self.folder / "run/model.safetensors")
        tags = reader.Tags()["histograms"]
        self.assertEqual(sorted(tags), sorted(name + "/histogram" for name in model))
        for name, weights in model.items():
            last = reader.Histograms(name + "/histogram")[-1].histogram_value
            self.assertEqual(last.num, weights.size)
            self.assertEqual(sum(last.bucket), weights.size)
            self.assertAlmostEqual(last.sum, float(weights.sum(dtype="float64")), places=5)
            self.assertAlmostEqual(last.min, float(weights.min()), places=6)
            self.assertAlmostEqual(last.max, float(weights.max()), places=6)

    def test_the_configuration_is_shown_as_text(self):
        text = read(self.folder / "logs").Tensors("configuration")[0].tensor_proto.string_val[0]
        self.assertIn('"stratify": true', text.decode())

    def test_the_hyperparameters_plugin_finds_session_values_and_metrics(self):
        data = {}
        for event in records(self.folder / "logs"):
            for value in event.summary.value:
                if value.metadata.plugin_data.plugin_name == "hparams":
                    data[value.tag] = HParamsPluginData.FromString(
                        value.metadata.plugin_data.content)
        start = data["_hparams_/session_start_info"].session_start_info.hparams
        self.assertEqual(start["optimizer.class_name"].string_value, "Adam")
        self.assertEqual(start["optimizer.config.learning_rate"].number_value, 0.005)
        self.assertIs(start["data.standardize"].bool_value, True)
        experiment = data["_hparams_/experiment"].experiment
        self.assertEqual(sorted(info.name for info in experiment.hparam_infos), sorted(start))
        metrics = {(info.name.group, info.name.tag) for info in experiment.metric_infos}
        self.assertIn(("validation", "epoch_loss"), metrics)
        self.assertEqual(data["_hparams_/session_end_info"].session_end_info.status, 1)

    def test_a_run_that_goes_on_writes_what_one_that_never_stopped_does(self):
        halves = self.folder.parent / "halves"
        train(halves, 2)
        train(halves, 3)
        for part in ("train", "validation"):
            self.assertEqual(scalars(halves / "logs" / part), scalars(self.folder / "logs" / part))


if __name__ == "__main__":
    unittest.main()
