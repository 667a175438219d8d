# SPDX-License-Identifier: Apache-2.0
"""Plugins in experiments, on the command line and in the environment: examples/plugin."""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

try:
    import torch
except ImportError:
    torch = None

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402

PLUGIN = pathlib.Path(os.environ["ASSAY_PLUGIN_MINE"])

PARTS = {
    "data": {"dataset": {"class_name": "CSV", "config": {"path": "blobs.csv", "label": "label",
                                                         "label_type": "number"}},
             "split": {"validation": 0.1, "test": 0.2}},
    "model": [{"class_name": "Linear", "config": {"out_features": 1}}, "mine>Scale"],
    "loss": {"class_name": "mine>Charbonnier", "config": {"epsilon": 0.1}},
    "metrics": ["mine>within"],
    "callbacks": [],
    "fit": {"epochs": 2, "batch_size": 16},
}


class Plugins(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.addCleanup(self.holder.cleanup)
        self.folder = pathlib.Path(self.holder.name)

    def experiment(self, **changes):
        return experiments.make(self.folder / "experiment", {**PARTS, **changes})

    def succeeds(self, *arguments, **environment):
        run = self.run_with(environment, *arguments)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def fails(self, *arguments, **environment):
        run = self.run_with(environment, *arguments)
        self.assertEqual(run.returncode, 2, run.stdout + run.stderr)
        return run.stderr

    def run_with(self, environment, *arguments):
        saved = dict(os.environ)
        os.environ.update({key: str(value) for key, value in environment.items()})
        try:
            return experiments.assay(*arguments)
        finally:
            os.environ.clear()
            os.environ.update(saved)

    def test_an_experiment_names_them_relative_to_its_file(self):
        path = self.experiment(plugins=["./libmine.so"])
        shutil.copy(PLUGIN, path.parent / "libmine.so")
        self.assertIn("is fine", self.succeeds("validate", path))
        self.assertIn("within", self.succeeds("train", path))
        evaluated = self.succeeds("evaluate", path)
        self.assertIn("equal to the last bit", evaluated)
        self.succeeds("predict", path, "--csv", "-")
        # The library may lie elsewhere when training goes on.
        moved = shutil.move(path.parent / "libmine.so", self.folder / "moved.so")
        self.assertIn("Going on", self.succeeds("train", path, "--epochs", 3, "--set",
                                                f'plugins=["{moved}"]'))

    def test_the_command_line_names_them_before_or_behind_the_command(self):
        path = self.experiment()
        self.succeeds("--plugin", PLUGIN, "train", path, "-q")
        self.assertIn("within", self.succeeds("evaluate", path, "--plugin", PLUGIN))

    def test_the_environment_lists_files_and_folders(self):
        path = self.experiment()
        self.succeeds("validate", path, ASSAY_PLUGIN_PATH=PLUGIN)
        folder = self.folder / "plugins"
        folder.mkdir()
        shutil.copy(PLUGIN, folder)
        self.succeeds("validate", path, ASSAY_PLUGIN_PATH=folder)

    def test_list_describe_and_schema_know_their_classes(self):
        self.assertRegex(self.succeeds("--plugin", PLUGIN, "list", "losses"),
                         r"\nmine>Charbonnier +mine>charbonnier\n")
        self.assertNotIn("mine>", self.succeeds("list"))
        described = self.succeeds("--plugin", PLUGIN, "describe", "mine>within")
        self.assertIn("mine>Within, a metric", described)
        self.assertIn("tolerance: number, default 0.1", described)
        schema = json.loads(self.succeeds("--plugin", PLUGIN, "schema"))
        for kind, name in (("loss", "mine>Charbonnier"), ("layer", "mine>Scale"),
                           ("metric", "mine>within")):
            self.assertIn(name, schema["$defs"][kind]["anyOf"][0]["enum"])

    @unittest.skipIf(torch is None, "torch is not installed")
    def test_torchscript_files_are_losses_and_metrics(self):
        scripts = pathlib.Path(__file__).parents[1] / "registry"
        sys.path.insert(0, str(scripts))
        import scripts as written
        path = self.experiment(
            model=[{"class_name": "Linear", "config": {"out_features": 1}}],
            loss={"class_name": "loss.pt", "config": {"epsilon": 0.1}},
            metrics=["metric.pt", {"class_name": "script>NearBy", "config": {"tolerance": 0.5}}],
            plugins=["named.pt"])
        torch.jit.script(written.Charbonnier()).save(path.parent / "loss.pt")
        torch.jit.script(written.NearBy()).save(path.parent / "metric.pt")
        torch.jit.script(written.NearBy()).save(path.parent / "named.pt")
        output = self.succeeds("train", path)
        self.assertRegex(output, r"\bmetric \d")
        self.assertRegex(output, r"\bnear_by \d")
        self.assertIn("equal to the last bit", self.succeeds("evaluate", path))
        described = self.succeeds("--plugin", path.parent / "named.pt", "describe", "script>NearBy")
        self.assertIn("tolerance: number, default 0.1", described)
        schema = json.loads(self.succeeds("schema"))
        self.assertIn({"type": "string", "pattern": r"\.pt$"}, schema["$defs"]["loss"]["anyOf"])

    def test_the_skeleton_to_copy_has_less_than_a_hundred_lines(self):
        files = [path.read_text().splitlines() for path in
                 (pathlib.Path(__file__).parents[2] / "examples/plugin").iterdir()]
        self.assertEqual(len(files), 3)
        self.assertLess(sum(map(len, files)), 100)

    def test_mistakes_are_named(self):
        path = self.experiment(plugins=["libnone.so"])
        message = self.fails("validate", path)
        self.assertIn(f"{path}: plugins: cannot load the plugin {path.parent}/libnone.so", message)
        path = self.experiment(plugins="libnone.so")
        self.assertIn("plugins", self.fails("validate", path))
        self.assertIn("no shared library", self.fails("--plugin", path, "list"))
        self.assertIn("ASSAY_PLUGIN_PATH", self.fails("list", ASSAY_PLUGIN_PATH="/nowhere"))
        self.assertIn("must be loaded first", self.fails("validate", self.experiment()))


if __name__ == "__main__":
    unittest.main()
