# SPDX-License-Identifier: Apache-2.0
"""The parameters of a model to Python and back: safetensors.torch's load_model reads what
`assay train` saves, and assay predicts with what save_model saves. Exit status 77 where the packages
torch or safetensors are missing."""
import csv
import io
import pathlib
import sys
import tempfile
import unittest

try:
    import safetensors.torch
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402

BLOBS = {"class_name": "CSV", "config": {"path": "blobs.csv", "label": "label"}}
CHANGES = {
    "data": {"dataset": BLOBS, "test": BLOBS},
    "model": [
        {"class_name": "Reshape", "config": {"target_shape": [1, 2, 4]}},
        {"class_name": "Conv2d", "config": {"out_channels": 6, "kernel_size": 3, "padding": 1}},
        {"class_name": "BatchNorm2d", "config": {}},
        "ReLU",
        "Flatten",
        {"class_name": "Linear", "config": {"out_features": 3}},
    ],
    "callbacks": [],
}


def network(seed):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Unflatten(1, (1, 2, 4)), torch.nn.Conv2d(1, 6, 3, padding=1),
                               torch.nn.BatchNorm2d(6), torch.nn.ReLU(), torch.nn.Flatten(),
                               torch.nn.Linear(48, 3))


class ModelInterchange(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = experiments.make(pathlib.Path(folder.name) / "net", CHANGES)
        run = experiments.assay("train", self.path, "--epochs", 2, "-q")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.model = self.path.parent / "run/model.safetensors"

    def predictions(self):
        """assay's for the test rows, and the rows."""
        run = experiments.assay("predict", self.path, "--csv", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        table = list(csv.DictReader(io.StringIO(run.stdout)))
        with open(self.path.parent / "blobs.csv", encoding="utf-8") as file:
            data = list(csv.reader(file))[1:]
        rows = torch.tensor([[float(x) for x in data[int(row["row"])][:8]] for row in table])
        given = torch.tensor([[float(row[f"prediction_{i}"]) for i in range(3)] for row in table])
        return rows, given

    def assert_same_predictions(self, net):
        rows, given = self.predictions()
        self.assertGreater(len(rows), 50)
        with torch.no_grad():
            torch.testing.assert_close(net.eval()(rows), given, rtol=1e-5, atol=1e-5)

    def test_python_loads_what_assay_trained(self):
        net = network(1)
        missing, unexpected = safetensors.torch.load_model(net, self.model)
        self.assertEqual((list(missing), list(unexpected)), ([], []))
        self.assertEqual(int(net[2].num_batches_tracked), 200)
        self.assert_same_predictions(net)

    def test_assay_loads_what_python_saved(self):
        net = network(2)
        net.train()
        net(torch.randn(64, 8))  # so that the running statistics are no defaults
        safetensors.torch.save_model(net, str(self.model))
        self.assert_same_predictions(net)

    def test_another_network_is_refused_by_name(self):
        net = network(3)
        net[5] = torch.nn.Linear(48, 4)
        safetensors.torch.save_model(net, str(self.model))
        run = experiments.assay("predict", self.path, "--csv", "-")
        self.assertNotEqual(run.returncode, 0, run.stderr)
        self.assertIn("model.safetensors", run.stderr)
        self.assertIn("5.weight", run.stderr)


if __name__ == "__main__":
    unittest.main()
