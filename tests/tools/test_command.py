# SPDX-License-Identifier: Apache-2.0
"""The assay command: what it prints, its errors and exit codes."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402
from experiments import assay  # noqa: E402

KINDS = ("losses", "metrics", "optimizers", "schedules", "layers", "datasets", "callbacks")


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        cls.trained = experiments.make(cls.folder / "trained")
        run = assay("train", cls.trained, "--epochs", 2)
        assert run.returncode == 0, run.stderr
        cls.output = run.stdout

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def succeeds(self, *arguments):
        run = assay(*arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stderr, "")
        return run.stdout

    def fails(self, code, *arguments):
        run = assay(*arguments)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        lines = run.stderr.strip().splitlines()
        self.assertIn(len(lines), (1, 2), run.stderr)
        self.assertTrue(lines[0].startswith("assay: "), run.stderr)
        for noise in ("Exception raised", "frame #", "C++", "c10::"):
            self.assertNotIn(noise, run.stderr)
        return run.stderr

    def experiment(self, name, **changes):
        return experiments.make(self.folder / name, changes)

    # -- train, evaluate, predict ----------------------------------------------------------------

    def test_train_reports_each_epoch_on_a_line(self):
        lines = self.output.splitlines()
        self.assertIn("rows to train on", lines[0])
        self.assertIn("280 rows to train on, 40 to validate on, 80 to test on", lines[0])
        self.assertRegex(lines[1], r"^Epoch 1/2  70/70  ")
        for name in ("loss", "accuracy", "crossentropy", "val_loss", "val_accuracy"):
            self.assertRegex(lines[1], rf"\b{name} \d")
        self.assertTrue(any(line.startswith("test: loss ") for line in lines))

    def test_files_of_a_run(self):
        run = self.trained.parent / "run"
        history = json.loads((run / "history.json").read_text(encoding="utf-8"))
        self.assertEqual(history["epoch"], [0, 1])
        self.assertEqual(len(history["history"]["val_accuracy"]), 2)
        results = json.loads((run / "results.json").read_text(encoding="utf-8"))
        self.assertEqual(set(results["test"]), {"loss", "accuracy", "crossentropy"})
        self.assertEqual(sorted(p.name for p in run.iterdir() if p.suffix != ".csv"),
                         ["checkpoint.safetensors", "experiment.json", "history.json",
                          "metrics.safetensors", "model.safetensors", "report.html", "report.json",
                          "results.json"])

    def test_the_report_needs_no_network_and_no_script(self):
        run = self.trained.parent / "run"
        page = (run / "report.html").read_text(encoding="utf-8")
        for part in ("Confusion matrix", "ROC", "Precision and recall", "Calibration",
                     "Worst predictions", "Epoch by epoch", "learning rate", "Machine and time",
                     "processor: ", "finished: ", "seconds of training",
                     "prefers-color-scheme: dark", "&quot;Dropout&quot;"):
            self.assertIn(part, page)
        for absent in ("<script", "http:", "https:", "<link", "url("):
            self.assertNotIn(absent, page)
        data = json.loads((run / "report.json").read_text(encoding="utf-8"))
        rows = [sum(row) for row in data["findings"]["confusion"]]
        self.assertEqual(rows, [27, 27, 26])  # a fifth of 400 rows, stratified
        hits = sum(row[i] for i, row in enumerate(data["findings"]["confusion"]))
        results = json.loads((run / "results.json").read_text(encoding="utf-8"))
        self.assertAlmostEqual(hits / sum(rows), results["test"]["accuracy"], places=6)

    def test_report_shows_several_runs_on_one_page(self):
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "other"
            self.succeeds("train", self.trained, "--epochs", 1, "--set", "name=\"other\"",
                          "--output", other)
            page = pathlib.Path(folder) / "both.html"
            self.assertIn("2 runs", self.succeeds("report", self.trained.parent / "run", other,
                                                  "-o", page))
            text = page.read_text(encoding="utf-8")
            self.assertIn("<h1>blobs, other</h1>", text)
            self.assertIn("blobs, validation", text)
            self.assertIn("other, validation", text)
            self.assertIn("run", self.fails(2, "report", folder))

    def test_keeps_the_last_checkpoints_and_the_best(self):
        path = self.experiment("kept", checkpoint={"every_steps": 30, "max_to_keep": 3,
                                                   "monitor": "val_accuracy"})
        run = path.parent / "run"
        names = lambda: sorted(p.name for p in run.glob("*checkpoint*")) + sorted(
            p.name for p in run.glob("best*"))
        self.succeeds("train", path, "-q", "--epochs", 3)
        self.assertEqual(names(), ["checkpoint-000150.safetensors", "checkpoint-000180.safetensors",
                                   "checkpoint-000210.safetensors", "checkpoint.safetensors",
                                   "best.safetensors"])
        accuracies = json.loads((run / "history.json").read_text("utf-8"))["history"]["val_accuracy"]
        _, best = experiments.checkpoint_content(run / "best.safetensors")
        self.assertEqual(best["position"]["epoch"], 1 + accuracies.index(max(accuracies)))
        (run / ".checkpoint.safetensors.assay-tmp-4000000-1").write_bytes(b"half")
        self.succeeds("train", path, "-q", "--epochs", 1, "--no-resume",
                      "--set", "checkpoint.max_to_keep=1", "--set", "checkpoint.monitor=null")
        self.assertEqual(names(), ["checkpoint.safetensors"])
        self.assertEqual([p.name for p in run.iterdir() if "assay-tmp" in p.name], [])
        self.assertIn("checkpoint.mode", self.fails(2, "validate", path, "--set",
                                                    "checkpoint.mode=best"))

    def test_weights_load_in_python(self):
        try:
            import safetensors.numpy
        except ImportError:
            self.skipTest("needs the safetensors package")
        weights = safetensors.numpy.load_file(self.trained.parent / "run/model.safetensors")
        shapes = {name: list(value.shape) for name, value in weights.items()}
        self.assertEqual(shapes, {"0.weight": [32, 8], "0.bias": [32],
                                  "3.weight": [3, 32], "3.bias": [3]})

    def test_evaluate_gives_what_training_found(self):
        results = (self.trained.parent / "run/results.json").read_text(encoding="utf-8")
        found = self.succeeds("evaluate", self.trained, "--json")
        self.assertEqual(json.loads(found), json.loads(results))
        self.assertIn("equal to the last bit", self.succeeds("evaluate", self.trained))
        part = self.succeeds("evaluate", self.trained, "--part", "validation", "--json")
        self.assertEqual(set(json.loads(part)), {"validation"})

    def test_evaluate_standardises_as_training_did(self):
        data = {**experiments.EXPERIMENT["data"], "split": {"validation": 0.1},
                "test": {"class_name": "CSV", "config": {"path": "test.csv", "label": "label"}}}
        path = self.experiment("standardised", data=data, callbacks=[])
        experiments.write_blobs(path.parent / "test.csv", rows=60, seed=4)
        self.succeeds("train", path, "-q", "--epochs", 1)
        results = json.loads((path.parent / "run/results.json").read_text(encoding="utf-8"))
        # The mean and the deviation of these rows are others.
        training = path.parent / "blobs.csv"
        rows = training.read_text(encoding="utf-8").splitlines()
        training.write_text("\n".join(rows[:31]) + "\n", encoding="utf-8")
        self.assertEqual(json.loads(self.succeeds("evaluate", path, "--json")), results)

    def test_predict_writes_csv_that_agrees_with_the_accuracy(self):
        rows = [line.split(",") for line in
                self.succeeds("predict", self.trained, "--csv", "-").splitlines()]
        self.assertEqual(rows[0], ["row", "label", "prediction_0", "prediction_1", "prediction_2",
                                   "class"])
        hits = [row[1] == row[5] for row in rows[1:]]
        results = json.loads((self.trained.parent / "run/results.json").read_text("utf-8"))
        self.assertAlmostEqual(sum(hits) / len(hits), results["test"]["accuracy"], places=6)
        for row in rows[1:]:
            values = [float(x) for x in row[2:5]]
            self.assertEqual(values.index(max(values)), int(row[5]))

    def test_a_second_train_has_nothing_to_do(self):
        output = self.succeeds("train", self.trained, "--epochs", 2)
        self.assertIn("Trained already", output)
        self.assertNotIn("Epoch 1/2", output)

    def test_same_seed_same_result_other_seed_another(self):
        one, two, other = (self.experiment(name, callbacks=[]) for name in "abc")
        for path, seed in ((one, 5), (two, 5), (other, 6)):
            self.succeeds("train", path, "--seed", seed, "--epochs", 1, "--quiet")
        read = [(p.parent / "run/model.safetensors").read_bytes() for p in (one, two, other)]
        self.assertEqual(read[0], read[1])
        self.assertNotEqual(read[0], read[2])

    def test_quiet_writes_nothing(self):
        path = self.experiment("quiet", callbacks=[])
        self.assertEqual(self.succeeds("train", path, "--epochs", 1, "-q"), "")

    def test_device(self):
        path = self.experiment("device", callbacks=[])
        self.succeeds("train", path, "-q", "--epochs", 1, "--device", "cpu")
        written = json.loads((path.parent / "run/experiment.json").read_text("utf-8"))
        self.assertEqual(written["device"], "cpu")
        self.assertIn("'cpuu' is none", self.fails(2, "train", path, "--device", "cpuu"))
        self.assertIn("'meta' is not supported", self.fails(2, "train", path, "--device", "meta"))
        self.assertIn("'cuda:99' is not there",
                      self.fails(2, "train", path, "--device", "cuda:99"))

    def test_mixed_precision(self):
        path = self.experiment("mixed", callbacks=[], dtype_policy="mixed_bfloat16")
        self.succeeds("train", path, "-q", "--epochs", 1)
        mixed = (path.parent / "run/model.safetensors").read_bytes()
        message = self.fails(1, "train", path, "--epochs", 2, "--set", "dtype_policy=float32")
        self.assertIn("dtype_policy", message)
        self.succeeds("train", path, "-q", "--epochs", 1, "--no-resume",
                      "--set", "dtype_policy=float32")
        self.assertNotEqual(mixed, (path.parent / "run/model.safetensors").read_bytes())
        self.assertIn("float32, float64 or mixed_bfloat16",
                      self.fails(2, "validate", path, "--set", "dtype_policy=mixed_float16"))

    def test_output_set_and_dry_run(self):
        path = self.experiment("dry")
        output = self.succeeds("train", path, "--dry-run", "--set", "model.0.config.out_features=5")
        self.assertIn("[5, 8]", output)
        for line in ("(0): Linear(", "(1): ReLU(", "(2): Dropout(", "Trained: 63, not trained: 0"):
            self.assertIn(line, output)
        self.assertFalse((path.parent / "run").exists())
        elsewhere = self.folder / "elsewhere"
        self.succeeds("train", path, "-q", "--epochs", 1, "--output", elsewhere)
        self.assertTrue((elsewhere / "model.safetensors").exists())

    # -- what there is -----------------------------------------------------------------------------

    def test_list(self):
        everything = self.succeeds("list")
        for kind in KINDS:
            names = self.succeeds("list", kind).split("\n")
            self.assertGreater(len(names), 1)
            self.assertIn(f"\n{kind}\n", "\n" + everything)
        self.assertIn("MeanSquaredError", self.succeeds("list", "losses"))
        self.assertIn("unknown kind 'loses'. Did you mean 'losses'?", self.fails(2, "list", "loses"))

    def test_describe_takes_names_of_every_kind(self):
        for kind in KINDS:
            lines = self.succeeds("list", kind).splitlines()
            for name in (lines[0].split()[0], lines[-1].split()[-1]):
                self.assertIn("(also " if "_" in name else name, self.succeeds("describe", name))

    def test_describe_shows_options(self):
        text = self.succeeds("describe", "EarlyStopping")
        self.assertIn("patience: integer, default 0", text)
        self.assertIn("Must be auto, min or max.", text)
        self.assertIn("Did you mean 'EarlyStopping'?", self.fails(2, "describe", "EarlyStoping"))
        schema = json.loads(self.succeeds("describe", "adam", "--json"))
        self.assertEqual(schema[0]["class_name"], "Adam")

    def test_describe_takes_several_names(self):
        self.assertEqual(self.succeeds("describe", "Huber", "adam"),
                         self.succeeds("describe", "Huber") + "\n" + self.succeeds("describe", "Adam"))
        schema = json.loads(self.succeeds("describe", "Huber", "adam", "--json"))
        self.assertEqual([entry["class_name"] for entry in schema], ["Huber", "Adam"])
        self.assertIn("'Hubr'", self.fails(2, "describe", "adam", "Hubr"))

    def test_schema(self):
        schema = json.loads(self.succeeds("schema"))
        self.assertEqual(schema["required"], ["data", "model", "loss"])
        self.assertLessEqual({"loss", "metric", "layer", "optimizer", "dataset", "callback"},
                             set(schema["$defs"]))
        for name in EXPERIMENT_KEYS:
            self.assertIn("description", schema["properties"][name], name)

    def test_help_and_version(self):
        self.assertRegex(self.succeeds("--version"), r"^assay \d+\.\d+\.\d+\n$")
        self.assertIn("Exit codes", self.succeeds("--help"))
        for command in ("train", "evaluate", "predict", "list", "describe", "validate", "schema"):
            self.assertIn(command, self.succeeds("--help"))
            self.assertTrue(self.succeeds(command, "--help"))

    # -- mistakes ----------------------------------------------------------------------------------

    def test_usage_errors(self):
        self.fails(2)
        self.fails(2, "trian")
        self.fails(2, "train")
        self.fails(2, "train", self.trained, "--no-such-option")
        self.fails(2, "train", self.trained, "--resume", "--no-resume")
        self.assertIn("nowhere.json", self.fails(2, "train", "nowhere.json"))
        self.assertIn("is a folder", self.fails(2, "validate", self.folder))

    def test_mistakes_in_the_experiment(self):
        cases = [
            (["optimiser=3"], ["experiment.\"optimiser\"", "Did you mean 'optimizer'?"]),
            (["optimizer=adm"], ["optimizer", "adm", "Did you mean 'Adam'?"]),
            (["optimizer.config.learning_rat=1"], ["learning_rat", "learning_rate"]),
            (["optimizer.config.learning_rate=\"fast\""], ["Adam.learning_rate"]),
            (["fit.epochs=0"], ["fit.epochs", "at least 1"]),
            (["fit.epochs=1.5"], ["fit.epochs", "1.5"]),
            (["fit.epoch=3"], ["fit.\"epoch\"", "Did you mean 'epochs'?"]),
            (["loss=null"], ["experiment.loss"]),
            (["loss=msee"], ["unknown loss", "msee", "Did you mean"]),
            (["metrics=[\"acuracy\"]"], ["unknown metric", "acuracy"]),
            (["metrics=[\"mse\",\"mse\"]"], ["mse", "taken"]),
            (["data.split.test=1.5"], ["data.split.test", "[0, 1)"]),
            (["data.dataset.config.path=\"none.csv\""], ["none.csv"]),
            (["data.dataset.config.label=\"lable\""], ["lable", "label"]),
            (["model=[]"], ["model"]),
            (["model.0.config.out_features=0"], ["out_features", "at least 1"]),
            (["model.0.class_name=Liner"], ["Liner", "Linear"]),
            (["callbacks=[\"early\"]"], ["callback", "early"]),
            (["seed=-1"], ["seed", "at least 0"]),
            (["fit.class_weight={\"x\":1}"], ["fit.class_weight", "'x'"]),
            (["nonsense"], ["--set nonsense", "path=value"]),
            (["model.9=1"], ["model", "9"]),
        ]
        for changes, expected in cases:
            arguments = [part for change in changes for part in ("--set", change)]
            with self.subTest(changes=changes):
                message = self.fails(2, "validate", self.trained, *arguments)
                for text in expected:
                    self.assertIn(text, message)

    def test_broken_json(self):
        path = self.folder / "broken.json"
        for text, expected in (("{", "not valid JSON"), ("[]", "experiment"),
                               ('{"seed": 1, "seed": 2}', "stands twice"), ("", "not valid JSON")):
            path.write_text(text, encoding="utf-8")
            message = self.fails(2, "validate", path)
            self.assertIn(expected, message)
            self.assertIn("broken.json", message)

    def test_validate(self):
        self.assertIn("is fine", self.succeeds("validate", self.trained))

    def test_shapes_that_do_not_fit(self):
        message = self.fails(2, "validate", self.trained, "--set", "loss=mse")
        self.assertIn("y_pred", message)

    def test_nothing_trained(self):
        path = self.experiment("untrained")
        for command in ("evaluate", "predict"):
            self.assertIn("run assay train first", self.fails(2, command, path))
        self.assertIn("no checkpoint", self.fails(1, "train", path, "--resume"))

    def test_another_experiment_than_the_checkpoint(self):
        message = self.fails(1, "train", self.trained, "--set", "optimizer.config.learning_rate=1")
        self.assertIn("optimizer.config.learning_rate was 0.005 and is 1", message)
        self.assertIn("--no-resume", message)

    def test_damaged_checkpoints(self):
        path = self.experiment("damaged", callbacks=[])
        self.succeeds("train", path, "-q", "--epochs", 1)
        checkpoint = path.parent / "run/checkpoint.safetensors"
        whole = checkpoint.read_bytes()
        flipped = bytearray(whole)
        flipped[-10] ^= 1
        for content in (whole[: len(whole) // 2], b"", b"no checkpoint", bytes(flipped)):
            checkpoint.write_bytes(content)
            message = self.fails(1, "train", path, "--epochs", 2)
            self.assertIn("checkpoint.safetensors", message)
            self.assertEqual(checkpoint.read_bytes(), content)
        (path.parent / "run/model.safetensors").rename(checkpoint)
        self.assertIn("no checkpoint", self.fails(1, "train", path, "--epochs", 2))


EXPERIMENT_KEYS = ("name", "seed", "device", "dtype_policy", "data", "model", "optimizer", "loss", "metrics", "fit",
                   "callbacks", "checkpoint", "output")

if __name__ == "__main__":
    unittest.main()
