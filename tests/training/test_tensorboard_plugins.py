# SPDX-License-Identifier: Apache-2.0
"""Graph, images, embeddings and profile of the TensorBoard callback, as TensorBoard's plugins show
them."""
import io
import json
import pathlib
import random
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tools"))
import experiments  # noqa: E402

try:
    import numpy as np
    from google.protobuf import text_format
    from PIL import Image
    from safetensors.numpy import load_file
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.graph.graphs_plugin import GraphsPlugin
    from tensorboard.plugins.image.images_plugin import ImagesPlugin
    from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
    from werkzeug.test import Client
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

WORDS = 20
LABELS = "".join(f"word {i}\n" for i in range(WORDS))
MODEL = [
    {"class_name": "Embedding",
     "config": {"input_dim": WORDS, "output_dim": 6, "name": "words"}},
    {"class_name": "Reshape", "config": {"target_shape": [4, 3, 2]}},
    {"class_name": "Conv2d",
     "config": {"out_channels": 5, "kernel_size": 3, "padding": 1, "name": "mix"}},
    "ReLU",
    [{"class_name": "Flatten"}, {"class_name": "Linear", "config": {"out_features": 3}}],
]
OPTIONS = {"log_dir": "logs", "histogram_freq": 2, "write_images": True, "update_freq": "batch",
           "write_steps_per_second": True, "profile_batch": [3, 5], "embeddings_freq": 2,
           "embeddings_metadata": {"words": "labels.tsv"}}
EPOCHS = 3


def make(folder, **options):
    """An experiment on four words a row, and the file of the words' names."""
    model = MODEL[:-1] + [{"class_name": "Sequential", "config": {"layers": MODEL[-1]}}]
    path = experiments.make(folder, {
        "data": {"dataset": {"class_name": "CSV", "config": {"path": "words.csv", "label": "y"}},
                 "split": {"validation": 0.2}},
        "model": model,
        "fit": {"epochs": EPOCHS, "batch_size": 8},
        "callbacks": [{"class_name": "TensorBoard", "config": OPTIONS | options}]})
    draw = random.Random(5)
    rows = ["a,b,c,d,y"]
    for _ in range(80):
        words = [draw.randrange(WORDS) for _ in range(4)]
        rows.append(",".join(map(str, words + [sum(words) % 3])))
    (folder / "words.csv").write_text("\n".join(rows) + "\n")
    (folder / "logs").mkdir()
    (folder / "logs/labels.tsv").write_text(LABELS)
    return path


def train(folder, **options):
    return experiments.assay("train", make(folder, **options))


class Plugins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        run = train(cls.folder)
        assert run.returncode == 0, run.stderr
        cls.logs = cls.folder / "logs"
        cls.weights = load_file(cls.folder / "run/model.safetensors")
        multiplexer = plugin_event_multiplexer.EventMultiplexer()
        multiplexer.AddRunsFromDirectory(str(cls.logs))
        multiplexer.Reload()
        provider = data_provider.MultiplexerDataProvider(multiplexer, str(cls.logs))
        cls.context = base_plugin.TBContext(
            data_provider=provider, logdir=str(cls.logs), multiplexer=multiplexer)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def test_the_graphs_plugin_shows_the_layers_in_order(self):
        apps = GraphsPlugin(self.context).get_plugin_apps()
        runs = json.loads(Client(apps["/info"]).get("/").data)
        self.assertTrue(runs["train"]["run_graph"])
        graph = text_format.Parse(Client(apps["/graph"]).get("/?run=train").text, GraphDef())
        self.assertEqual([(node.name, node.op, list(node.input)) for node in graph.node],
                         [("words", "Embedding", []),
                          ("1", "Reshape", ["words"]),
                          ("mix", "Conv2d", ["1"]),
                          ("3", "ReLU", ["mix"]),
                          ("4/0", "Flatten", ["3"]),
                          ("4/1", "Linear", ["4/0"])])
        shapes = {}
        for node in graph.node:
            for name, value in node.attr.items():
                if value.HasField("shape"):
                    key = node.name.replace("/", ".") + "." + name
                    shapes[key] = [size.size for size in value.shape.dim]
        self.assertEqual(shapes, {name: list(w.shape) for name, w in self.weights.items()})
        self.assertEqual(graph.node[2].attr["class_name"].s, b"Conv2d")
        self.assertEqual(json.loads(graph.node[2].attr["config"].s)["out_channels"], 5)

    def images(self, tag, sample):
        """{step: pixels} as the plugin serves them."""
        apps = ImagesPlugin(self.context).get_plugin_apps()
        found = Client(apps["/images"]).get(
            "/", query_string={"run": "train", "tag": tag, "sample": sample})
        images = {}
        for entry in json.loads(found.data):
            served = Client(apps["/individualImage"]).get("/?" + entry["query"])
            self.assertEqual(served.mimetype, "image/png")
            images[entry["step"]] = np.asarray(Image.open(io.BytesIO(served.data)))
        return images

    def test_the_images_plugin_shows_every_weight(self):
        tags = Client(ImagesPlugin(self.context).get_plugin_apps()["/tags"]).get("/")
        samples = {tag: content["samples"] for tag, content in json.loads(tags.data)["train"].items()}
        self.assertEqual(samples, {"words.weight/image": 1, "mix.weight/image": 3,
                                   "mix.bias/image": 1, "4.1.weight/image": 1, "4.1.bias/image": 1})
        pictures = {"words.weight": [self.weights["words.weight"].T],  # as wide as it was high
                    "mix.weight": list(self.weights["mix.weight"].transpose(0, 2, 3, 1)[:3]),
                    "mix.bias": [self.weights["mix.bias"][:, None]],
                    "4.1.weight": [self.weights["4.1.weight"]],
                    "4.1.bias": [self.weights["4.1.bias"][:, None]]}
        for name, expected in pictures.items():
            weight = self.weights[name].astype("float64")
            for sample, picture in enumerate(expected):
                with self.subTest(name=name, sample=sample):
                    images = self.images(name + "/image", sample)
                    self.assertEqual(list(images), [0, 2])
                    share = (picture - weight.min()) / (weight.max() - weight.min())
                    np.testing.assert_array_equal(images[2], np.round(share * 255))

    def test_the_projector_shows_the_embedding_with_its_labels(self):
        apps = ProjectorPlugin(self.context).get_plugin_apps()
        configuration = json.loads(Client(apps["/info"]).get("/?run=.").data)
        self.assertEqual(configuration["embeddings"], [
            {"tensorName": "words", "tensorShape": [WORDS, 6], "metadataPath": "labels.tsv",
             "tensorPath": "embeddings/words.tsv"}])
        served = Client(apps["/tensor"]).get("/?run=.&name=words").data
        table = np.frombuffer(served, "float32").reshape(WORDS, 6)
        np.testing.assert_array_equal(table, self.weights["words.weight"])
        served = Client(apps["/metadata"]).get("/?run=.&name=words").data
        self.assertEqual(served.decode(), LABELS)

    def test_the_profile_holds_the_batches_that_were_asked_for(self):
        (path,) = self.logs.glob("train/*.json")
        # What torch-tb-profiler looks for.
        self.assertRegex(path.name, r"^.+?\.\d+\.pt\.trace\.json$")
        events = json.loads(path.read_text())["traceEvents"]
        steps = [event for event in events
                 if re.match(r"ProfilerStep#", event.get("name", "")) and event["ph"] == "X"]
        self.assertEqual([event["name"] for event in steps],
                         ["ProfilerStep#3", "ProfilerStep#4", "ProfilerStep#5"])
        for step in steps:
            names = [event["name"] for event in events
                     if event["ph"] == "X" and step["ts"] <= event["ts"] < step["ts"] + step["dur"]]
            for name in ("aten::convolution", "aten::convolution_backward"):
                self.assertEqual(names.count(name), 1, name)

    def test_every_batch_is_logged_with_its_speed(self):
        (file,) = self.logs.glob("train/events.*")
        steps = {"batch_loss": [], "batch_steps_per_second": []}
        graphs = 0
        for record in RawEventFileLoader(str(file)).Load():
            event = Event.FromString(record)
            graphs += event.HasField("graph_def")
            for value in event.summary.value:
                if value.tag in steps:
                    self.assertGreater(value.simple_value, 0)
                    steps[value.tag].append(event.step)
        self.assertEqual(steps["batch_loss"], list(range(1, 8 * EPOCHS + 1)))
        self.assertEqual(steps["batch_steps_per_second"], steps["batch_loss"])
        self.assertEqual(graphs, 1)


class Options(unittest.TestCase):
    def test_what_is_turned_off_is_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            run = train(folder, write_graph=False, write_images=False, profile_batch=0,
                        embeddings_freq=0)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual({path.name for path in folder.glob("logs/*") if path.is_dir()},
                             {"train", "validation"})
            self.assertFalse((folder / "logs/projector_config.pbtxt").exists())
            (file,) = folder.glob("logs/train/*")
            for record in RawEventFileLoader(str(file)).Load():
                event = Event.FromString(record)
                self.assertFalse(event.HasField("graph_def"))
                self.assertFalse([v for v in event.summary.value if v.tag.endswith("/image")])

    def test_a_name_that_is_no_embedding_layer_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            run = train(pathlib.Path(folder), embeddings_metadata={"word": "labels.tsv"})
            self.assertNotEqual(run.returncode, 0)
            self.assertIn("TensorBoard.embeddings_metadata: 'word'", run.stderr)
            self.assertIn("Did you mean 'words'?", run.stderr)

    def test_a_profile_ends_with_the_training(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            run = train(folder, profile_batch="23,1000")
            self.assertEqual(run.returncode, 0, run.stderr)
            (path,) = folder.glob("logs/train/*.pt.trace.json")
            names = {event.get("name") for event in json.loads(path.read_text())["traceEvents"]}
            self.assertEqual({name for name in names if str(name).startswith("ProfilerStep")},
                             {"ProfilerStep#23", "ProfilerStep#24"})


if __name__ == "__main__":
    unittest.main()
