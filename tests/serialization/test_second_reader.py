# SPDX-License-Identifier: Apache-2.0
"""A reader of assay's files in plain Python, written from docs/file-format.md alone, which it reads
too: a tensor, a metadata key or a value that the page's tables lack fails the test. What it finds is
held to what assay computed, and to the safetensors package. Exit status 77 where a package is missing.
"""
import csv
import io
import json
import math
import pathlib
import random
import re
import struct
import sys
import tempfile
import unittest

try:
    import safetensors
    import safetensors.numpy
    import xxhash
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))
import experiments  # noqa: E402

PAGE = (ROOT / "docs/file-format.md").read_text(encoding="utf-8")
GOLDEN = sorted((ROOT / "tests/golden/files").iterdir())
ELEMENTS = {"BOOL": "?", "U8": "B", "I8": "b", "I16": "h", "U16": "H", "F16": "e", "I32": "i",
            "U32": "I", "F32": "f", "F64": "d", "I64": "q", "U64": "Q"}
CHECKSUM_PREFIX = b'{"__metadata__":{"assay_checksum":"xxh3-128:'


class File:
    """A file's metadata, without the reserved keys, and its tensors as flat lists."""

    def __init__(self, path):
        self.content = path.read_bytes()
        length = int.from_bytes(self.content[:8], "little")
        header = json.loads(self.content[8:8 + length].decode("utf-8"))
        self.metadata = header.pop("__metadata__")
        check_checksum(self.content)
        assert self.metadata.pop("assay_format_version") == "1"
        del self.metadata["assay_checksum"]
        self.shapes = {name: tensor["shape"] for name, tensor in header.items()}
        self.tensors = {}
        end = 0
        for name, tensor in header.items():
            begin, end_of_last = tensor["data_offsets"][0], end
            end = tensor["data_offsets"][1]
            code = ELEMENTS[tensor["dtype"]]
            count = math.prod(tensor["shape"])
            assert begin == end_of_last and end - begin == count * struct.calcsize("<" + code)
            assert begin % struct.calcsize("<" + code) == 0
            data = self.content[8 + length + begin:8 + length + end]
            self.tensors[name] = list(struct.unpack(f"<{count}{code}", data))
        assert length % 8 == 0 and 8 + length + end == len(self.content)

    def description(self, key):
        return json.loads(self.metadata[key])

    def below(self, prefix):
        """The tensors under a prefix, without it."""
        return {name.removeprefix(prefix): value for name, value in self.tensors.items()
                if name.startswith(prefix)}


def check_checksum(content):
    begin = 8 + len(CHECKSUM_PREFIX)
    assert content[8:begin] == CHECKSUM_PREFIX
    blank = content[:begin] + b"0" * 32 + content[begin + 32:]
    assert content[begin:begin + 32] == xxhash.xxh3_128_hexdigest(blank).encode(), "checksum"


def rows_of_table(heading):
    """The first cell of each row of the page's first table below a line that begins so."""
    table = PAGE[PAGE.index(heading):].split("\n\n")[1]
    return [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table.splitlines()[2:]]


def pattern_of(name):
    """`optimizer.<number>.<name>`: what the page says of a tensor's name, as an expression."""
    parts = re.split(r"(<number>|<rank>|<name>)", name)
    return "".join({"<number>": r"\d+", "<rank>": r"\d+", "<name>": ".+"}.get(part, re.escape(part))
                   for part in parts)


CHECKPOINT_TENSORS = [pattern_of(name) for names in rows_of_table("Metadata `assay_kind`: `checkpoint`")
                      for name in names]
CHECKPOINT_KEYS = {names[0] for names in rows_of_table("Metadata `checkpoint`: a JSON object")}


def linear(weight, bias, x):
    return [sum(w * v for w, v in zip(weight[len(x) * i:], x)) + b for i, b in enumerate(bias)]


def predicted(tensors, mean, std, row):
    """The logits of standardized data, of a model that is Linear, ReLU, Linear."""
    x = [(value - m) / s for value, m, s in zip(row, mean, std)]
    hidden = [max(0.0, value) for value in linear(tensors["0.weight"], tensors["0.bias"], x)]
    return linear(tensors["2.weight"], tensors["2.bias"], hidden)


def area_under_curve(file):
    """Of the receiver operating characteristic, by trapezoids."""
    true, false = file.tensors["true_positives"], file.tensors["false_positives"]
    positives = true[0] + file.tensors["false_negatives"][0]
    negatives = false[0] + file.tensors["true_negatives"][0]
    return sum((false[i] - false[i + 1]) / negatives * (true[i] + true[i + 1]) / positives / 2
               for i in range(len(true) - 1))


def ratio(a, b):
    return a / (a + b)


class SecondReader(unittest.TestCase):
    def assert_close(self, found, expected, relative=1e-6):
        self.assertTrue(math.isclose(found, expected, rel_tol=relative), (found, expected))

    def assert_documented(self, file):
        """Every tensor of a checkpoint, and every part of its description, stands on the page."""
        for name in file.tensors:
            self.assertTrue(any(re.fullmatch(pattern, name) for pattern in CHECKPOINT_TENSORS), name)
        self.assertEqual(set(file.metadata), {"assay_kind", "checkpoint"})
        self.assertEqual(file.metadata["assay_kind"], "checkpoint")
        description = file.description("checkpoint")
        self.assertEqual(set(description), CHECKPOINT_KEYS)
        self.assertEqual(description["version"], 1)
        for key in ("position", "optimizer", "scores", "history"):
            row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |"))
            self.assertLessEqual(set(description[key]), set(re.findall(r"`(\w+)`", row)), key)
        for callback in description["callbacks"]:
            self.assertEqual(set(callback), {"class_name", "state"})
        return description

    def test_a_metric(self):
        for folder in GOLDEN:
            file = File(folder / "metric.safetensors")
            expected = json.loads((folder / "expected.json").read_text())["metric"]
            description = file.description("metric")
            self.assertEqual(description["class_name"], "AUC")
            self.assertEqual(set(description["variables"]), set(file.tensors))
            self.assert_close(area_under_curve(file), expected[0])

    def test_a_collection(self):
        for folder in GOLDEN:
            file = File(folder / "collection.safetensors")
            expected = json.loads((folder / "expected.json").read_text())["collection"]
            description = file.description("collection")
            prefix = description["prefix"]
            self.assertEqual({prefix + name + description["postfix"]
                              for name in description["metrics"]}, set(expected))
            # Recall has the counts of precision, which stands first.
            state = {name: values[0] for name, values in file.tensors.items()}
            positives = state["precision/true_positives"]
            for name, value in (
                    ("precision", ratio(positives, state["precision/false_positives"])),
                    ("recall", ratio(positives, state["precision/false_negatives"])),
                    ("mean_squared_error", state["mean_squared_error/total"] /
                     state["mean_squared_error/count"])):
                self.assert_close(value, expected[prefix + name][0])

    def test_a_checkpoint_of_every_version(self):
        for folder in GOLDEN:
            file = File(folder / "trainer.safetensors")
            expected = json.loads((folder / "expected.json").read_text())["trainer"]
            description = self.assert_documented(file)
            self.assertEqual(file.below("model."), expected["weights"])
            self.assertEqual(description["history"]["history"]["loss"], expected["loss"])
            self.assertEqual(description["position"]["updates"], expected["updates"])
            self.assertEqual([state["step"] for state in description["optimizer"]["states"]],
                             [expected["updates"]] * len(expected["weights"]))

    def test_a_run(self):
        """Its checkpoint predicts as assay does, and its sums are the losses and metrics shown."""
        with tempfile.TemporaryDirectory() as folder:
            blobs = {"class_name": "CSV", "config": {"path": "blobs.csv", "label": "label"}}
            dense = {"class_name": "Linear", "config": {"out_features": 5}}
            path = experiments.make(folder, {
                "data": {"dataset": blobs, "test": blobs, "standardize": True},
                "model": [dense, "ReLU", {"class_name": "Linear", "config": {"out_features": 3}}],
                "callbacks": ["ReduceLROnPlateau"]})
            for arguments in (("train", path, "-q"), ("predict", path, "--csv", "-")):
                run = experiments.assay(*arguments)
                self.assertEqual(run.returncode, 0, run.stderr)
            results = json.loads((path.parent / "run/results.json").read_text())["test"]
            checkpoint = File(path.parent / "run/checkpoint.safetensors")
            weights = File(path.parent / "run/model.safetensors")
            scores = File(path.parent / "run/metrics.safetensors")
            data = list(csv.reader((path.parent / "blobs.csv").read_text().splitlines()))[1:]

        description = self.assert_documented(checkpoint)
        self.assertEqual(checkpoint.below("model."), weights.tensors)
        self.assertEqual(weights.metadata, {"assay_kind": "weights", "format": "pt"})
        self.assertEqual(description["position"]["updates"], 600)
        for i, name in enumerate(["0.weight", "0.bias", "2.weight", "2.bias"]):
            self.assertEqual(checkpoint.shapes[f"optimizer.{i}.exp_avg"], weights.shapes[name])

        mean, std = (checkpoint.tensors["extra.standardizer." + name] for name in ("mean", "std"))
        for row in csv.DictReader(io.StringIO(run.stdout)):
            inputs = [float(value) for value in data[int(row["row"])][:8]]
            for i, logit in enumerate(predicted(weights.tensors, mean, std, inputs)):
                self.assertAlmostEqual(logit, float(row[f"prediction_{i}"]), places=4)

        self.assertEqual(set(scores.metadata), {"assay_kind", "config"})
        self.assertEqual(set(scores.description("config")), {"losses", "metrics"})
        rows = scores.tensors["losses.rows"][0]
        self.assert_close(scores.tensors["losses.totals"][0] / rows, results["loss"])
        for metric in scores.description("config")["metrics"]:
            total, count = (scores.tensors[f"metrics.{metric['name']}.{i}"][0] for i in range(2))
            self.assert_close(total / count, results[metric["name"]])

    def test_the_package_finds_the_same(self):
        for folder in GOLDEN:
            for path in folder.glob("*.safetensors"):
                file = File(path)
                found = safetensors.numpy.load_file(path)
                self.assertEqual({name: value.reshape(-1).tolist() for name, value in found.items()},
                                 file.tensors)
                self.assertEqual({name: list(value.shape) for name, value in found.items()},
                                 file.shapes)
                with safetensors.safe_open(path, framework="numpy") as opened:
                    metadata = dict(opened.metadata())
                del metadata["assay_checksum"], metadata["assay_format_version"]
                self.assertEqual(metadata, file.metadata)

    def test_the_checksum_notices_every_bit(self):
        draw = random.Random(11)
        for path in GOLDEN[-1].glob("*.safetensors"):
            content = bytearray(path.read_bytes())
            for place in draw.sample(range(8 * len(content)), 500):
                content[place // 8] ^= 1 << place % 8
                with self.assertRaises(AssertionError):
                    check_checksum(bytes(content))
                content[place // 8] ^= 1 << place % 8


if __name__ == "__main__":
    unittest.main()
