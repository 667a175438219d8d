# SPDX-License-Identifier: Apache-2.0
"""The pages say what is so: their programs run, their links lead somewhere, their tables are current.

C++ on a page stands, line for line, in a source of examples/ or tests/, which is compiled and run.
Python is run here, all blocks of a page as one program; a whole experiment in JSON is validated, a part
of one trained with; CMake stands in a CMakeLists.txt that a test uses. Commands of a `console` block are run, and
say what stands below them, `...` aside; indented commands are of scripts and options that exist.
"""
import gzip
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = os.environ.get("ASSAY_COMMAND", str(ROOT / "build/tools/assay"))
LIBRARY = os.environ.get("ASSAY_LIBRARY", str(ROOT / "build/libassay.so"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
         *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("examples/*/README.md")),
         *sorted(ROOT.glob("tests/**/*.md")), *sorted(ROOT.glob("benchmarks/**/*.md"))]

# What a page's Python needs before its first line.
PRELUDES = {
    "CONTRIBUTING.md": f"""
import sys
sys.path.insert(0, {str(ROOT / "tests/golden")!r})
from loss_cases import LossSpec
from losses import regression
from unlike_keras import View
import formulas
formulas.log_ratio = lambda config, t, p: None
""",
}

# What a page's Python imports that the tests do without where it is missing.
OPTIONAL = {"CONTRIBUTING.md": "scipy"}


def blocks(page, language):
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", page.read_text(encoding="utf-8"),
                       re.M | re.S)
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in found]


def stripped(text):
    lines = [re.sub(r"\s+//.*", "", line).strip() for line in text.splitlines()]
    return [line for line in lines if line]


def stands_in(lines, text):
    """Whether the lines stand in the text one after the other."""
    whole = stripped(text)
    return any(whole[i:i + len(lines)] == lines for i in range(len(whole) - len(lines) + 1))


def is_experiment(content):
    return {"data", "model", "loss"} <= set(content)


def rows_of_numbers(names, count=60):
    """Lines of a CSV file: numbers from 0 to 4, and a last column of 0 and 1."""
    yield ",".join(names)
    for row in range(count):
        yield ",".join(str(row * (column + 2) % 5) for column in range(len(names) - 1)) + f",{row % 2}"


def experiment_with(folder, **parts):
    """The path of an experiment on rows.csv, with parts that a page shows."""
    (folder / "rows.csv").write_text("\n".join(rows_of_numbers("abcd")) + "\n", encoding="utf-8")
    experiment = {
        "data": {"dataset": {"class_name": "CSV", "config": {"path": "rows.csv", "label": "d"}}},
        "model": [{"class_name": "Linear", "config": {"out_features": 1}}],
        "optimizer": "sgd", "loss": "mse", "fit": {"epochs": 2, "batch_size": 4}, "output": "run",
    }
    path = folder / "experiment.json"
    path.write_text(json.dumps(experiment | parts), encoding="utf-8")
    return path


def with_dataset(folder, dataset, _):
    table = "\n".join(rows_of_numbers(["site", "hour", "clicked"])) + "\n"
    (folder / dataset["config"]["path"]).write_bytes(gzip.compress(table.encode()))
    return experiment_with(folder, data={"dataset": dataset})


def with_callback(folder, callback, _):
    (words, names), = callback["config"]["embeddings_metadata"].items()
    logs = folder / callback["config"]["log_dir"]
    logs.mkdir()
    (logs / names).write_text("nought\none\ntwo\nthree\nfour\n", encoding="utf-8")
    model = [{"class_name": "Embedding",
              "config": {"input_dim": 5, "output_dim": 2, "name": words}},
             "Flatten", {"class_name": "Linear", "config": {"out_features": 1}}]
    return experiment_with(folder, model=model, callbacks=[callback])


def with_parts(folder, parts, page):
    """With files that the page's Python writes."""
    program = folder / "page.py"
    program.write_text("\n".join(blocks(page, "python")).replace("build/libassay.so", LIBRARY),
                       encoding="utf-8")
    subprocess.run([sys.executable, "-W", "ignore", program], cwd=folder, check=True,
                   capture_output=True)
    return experiment_with(folder, **parts)


# By page and class: the experiment that has what the page shows, and what a training then leaves.
FRAGMENTS = {
    ("training.md", "CSV"): (with_dataset, ["run/results.json"]),
    ("training.md", "TensorBoard"): (with_callback, [
        "logs/train/events.out.tfevents.*", "logs/train/*.pt.trace.json",
        "logs/projector_config.pbtxt"]),
    ("plugins.md", "loss"): (with_parts, ["run/results.json"]),
}
# The head of a file, which tests/serialization holds.
HEADS = {"file-format.md"}


def dialogues(page):
    """The commands of a page's console blocks, each with what it says."""
    for block in blocks(page, "console"):
        for dialogue in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, expected = dialogue.partition("\n")
            yield command, expected


def says(output, expected):
    """Whether that is the output: `...` stands for anything in a line, alone for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else
                      ".*".join(map(re.escape, line.split("..."))) + r"\n"
                      for line in expected.splitlines())
    return re.fullmatch(pattern, output) is not None


def outside_fences(text):
    return re.sub(r"^( *)```.*?^ *```$", "", text, flags=re.M | re.S)


class Pages(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for target in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", text):
                path, _, anchor = target.partition("#")
                with self.subTest(page=page.name, link=target):
                    to = (page.parent / path).resolve() if path else page
                    self.assertTrue(to.exists())
                    if anchor:
                        headings = re.findall(r"^#+ (.*)$", to.read_text(encoding="utf-8"), re.M)
                        slugs = [re.sub(r"[^\w -]", "", h).lower().replace(" ", "-")
                                 for h in headings]
                        self.assertIn(anchor, slugs)

    def test_every_block_says_its_language(self):
        known = {"cpp", "python", "json", "cmake", "console", "text"}
        for page in PAGES:
            fences = re.findall(r"^ *```(\w*)$", page.read_text(encoding="utf-8"), re.M)
            self.assertEqual(len(fences) % 2, 0, page.name)
            for language in fences[::2]:
                self.assertIn(language, known, page.name)

    def test_cpp_is_compiled(self):
        sources = [path.read_text(encoding="utf-8") for folder in ("examples", "tests")
                   for path in sorted((ROOT / folder).rglob("*.cpp"))]
        checked = 0
        for page in PAGES:
            if page == ROOT / "README.md":
                continue  # test_readme.py: the quick start is several pieces of one program
            for block in blocks(page, "cpp"):
                with self.subTest(page=page.name, block=block):
                    lines = stripped(block)
                    self.assertTrue(any(stands_in(lines, source) for source in sources))
                    checked += 1
        self.assertGreater(checked, 6)

    def test_cmake_is_used(self):
        sources = [path.read_text(encoding="utf-8") for folder in ("examples", "tests/package")
                   for path in (ROOT / folder).rglob("CMakeLists.txt")]
        for page in PAGES:
            for block in blocks(page, "cmake"):
                with self.subTest(page=page.name, block=block):
                    lines = [re.sub(r"\s*#.*", "", line) for line in stripped(block)]
                    self.assertTrue(any(set(lines) <= set(stripped(re.sub(r"#.*", "", source)))
                                        for source in sources))

    def test_python_runs(self):
        for page in PAGES:
            program = "\n".join(blocks(page, "python"))
            missing = page.name in OPTIONAL and not importlib.util.find_spec(OPTIONAL[page.name])
            if not program or missing:
                continue
            with self.subTest(page=page.name), tempfile.TemporaryDirectory() as folder:
                program = PRELUDES.get(page.name, "") + program
                program = program.replace("build/libassay.so", LIBRARY)
                path = pathlib.Path(folder) / "page.py"  # TorchScript reads sources from files
                path.write_text(program, encoding="utf-8")
                run = subprocess.run([sys.executable, "-W", "ignore", path], cwd=folder, text=True,
                                     capture_output=True, check=False)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_console_says_what_stands_there(self):
        environment = {**os.environ, "PATH": f"{pathlib.Path(COMMAND).parent}:{os.environ['PATH']}"}
        ran = 0
        for page in PAGES:
            with tempfile.TemporaryDirectory() as folder:
                shutil.copy(ROOT / "examples/digits/digits.csv", folder)
                for block in blocks(page, "json"):  # the page's experiment
                    if is_experiment(json.loads(block)):
                        pathlib.Path(folder, "experiment.json").write_text(block, encoding="utf-8")
                for command, expected in dialogues(page):
                    with self.subTest(page=page.name, command=command):
                        run = subprocess.run(command, shell=True, cwd=folder, env=environment,
                                             text=True, capture_output=True, check=False)
                        self.assertEqual(run.returncode, 0, run.stderr)
                        self.assertTrue(says(run.stdout + run.stderr, expected),
                                        run.stdout + run.stderr)
                        ran += 1
        self.assertGreater(ran, 4)

    def test_indented_commands_exist(self):
        helps = {}
        checked = 0
        for page in PAGES:
            for line in re.findall(r"^    ((?:\S+/)?assay [a-z].*|script/.*|torchrun .*)$",
                                   outside_fences(page.read_text(encoding="utf-8")), re.M):
                with self.subTest(page=page.name, command=line):
                    words = line.split("#")[0].split()
                    if words[0].startswith("script/"):
                        self.assertTrue((ROOT / words[0]).exists())
                    else:
                        words = words[[pathlib.Path(word).name for word in words].index("assay"):]
                        if words[1] not in helps:
                            helps[words[1]] = subprocess.run(
                                [COMMAND, words[1], "--help"], text=True, check=True,
                                capture_output=True).stdout
                        for option in re.findall(r"--\w[\w-]*", " ".join(words)):
                            self.assertIn(option, helps[words[1]])
                        for path in words[2:]:
                            if path.startswith("examples/"):
                                self.assertTrue((ROOT / path).exists())
                    checked += 1
        self.assertGreater(checked, 20)

    def test_json_parses_and_experiments_are_valid(self):
        validated = 0
        for page in PAGES:
            for block in blocks(page, "json"):
                with self.subTest(page=page.name, block=block):
                    content = json.loads(block)
                    if not is_experiment(content):
                        continue
                    with tempfile.TemporaryDirectory() as folder:
                        shutil.copy(ROOT / "examples/digits/digits.csv", folder)
                        path = pathlib.Path(folder) / "experiment.json"
                        path.write_text(block, encoding="utf-8")
                        run = subprocess.run([COMMAND, "validate", path], text=True,
                                             capture_output=True, check=False)
                        self.assertEqual(run.returncode, 0, run.stderr)
                        validated += 1
        self.assertGreater(validated, 0)

    def test_json_fragments_train(self):
        trained = set()
        for page in PAGES:
            for block in blocks(page, "json"):
                content = json.loads(block)
                if is_experiment(content) or page.name in HEADS:
                    continue
                key = page.name, content.get("class_name", next(iter(content)))
                with self.subTest(fragment=key), tempfile.TemporaryDirectory() as name:
                    folder = pathlib.Path(name)
                    make, left = FRAGMENTS[key]
                    run = subprocess.run([COMMAND, "train", make(folder, content, page), "-q"],
                                         cwd=folder, text=True, capture_output=True, check=False)
                    self.assertEqual(run.returncode, 0, run.stderr)
                    for pattern in left:
                        self.assertTrue(list(folder.glob(pattern)),
                                        (pattern, list(folder.rglob("*"))))
                    trained.add(key)
        self.assertEqual(trained, set(FRAGMENTS))

    def test_the_picture_of_the_inside_shows_the_folders(self):
        picture = (ROOT / "docs/images/inside.svg").read_text(encoding="utf-8")
        shown = set(re.findall(r'<text class="folder"[^>]*>([^<]*)<', picture))
        floors = {path.parent.name for path in ROOT.glob("*/*.cpp")} - {"benchmarks", "cmake",
                                                                        "examples"}
        self.assertEqual(shown, floors | {path.name for path in (ROOT / "core").iterdir()
                                          if path.is_dir()})

    def test_generated_pages_are_current(self):
        for script in ("make_reference.py", "make_experiment_options.py"):
            run = subprocess.run([sys.executable, ROOT / "docs" / script, COMMAND, "--check"],
                                 text=True, capture_output=True, check=False)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_every_loss_and_metric_has_a_picture_and_its_equivalents(self):
        reference = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
        entries = re.split(r"^### ", reference, flags=re.M)[1:]
        self.assertGreater(len(entries), 80)
        for entry in entries:
            with self.subTest(entry=entry.splitlines()[0]):
                self.assertRegex(entry, r"\n!\[.+\]\(images/curves/.+\.svg\)\n")
                self.assertRegex(entry, r"\nElsewhere: \S")

    def test_curves_are_current(self):
        run = subprocess.run([sys.executable, ROOT / "docs/make_curves.py", LIBRARY, "--check"],
                             text=True, capture_output=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
