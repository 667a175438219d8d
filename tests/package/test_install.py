# SPDX-License-Identifier: Apache-2.0
"""`cmake --install`, and what others make of it: projects that find assay build and run the quick start
and the plugin; a program is built with pkg-config; headers and exported symbols are those of the API."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = os.environ["ASSAY_BUILD"]
CXX = os.environ["ASSAY_CXX"]
TORCH_DIR = os.environ["ASSAY_TORCH_DIR"]


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    assert done.returncode == 0, " ".join(map(str, command)) + "\n" + done.stdout + done.stderr
    return done.stdout


def qualified(symbol):
    """The name in a demangled symbol: no arguments, no types, nor what stands before it."""
    plain = re.sub(r"\[abi:\w+\]|\(anonymous namespace\)", "", symbol)
    plain = re.sub(r"operator(<<|>>|<=>|<=?|>=?|\(\))", "operator", plain)
    depth, name = 0, ""
    for letter in plain:
        depth += (letter in "<(") - (letter in ">)")
        name += letter if depth == 0 and letter not in ">)" else ""
    return next(word for word in name.split() if word.startswith("assay::"))


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name) / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.headers = {str(path.relative_to(cls.prefix / "include")): path.read_text("utf-8")
                       for path in (cls.prefix / "include").rglob("*.h")}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def configured(self, source, name, *options):
        build = pathlib.Path(self.folder.name) / name
        run("cmake", "-G", "Ninja", "-S", source, "-B", build, f"-DTorch_DIR={TORCH_DIR}",
            f"-DCMAKE_CXX_COMPILER={CXX}", *options)
        return build

    def built(self, source, prefix=None):
        build = self.configured(source, source.name, "-DCMAKE_BUILD_TYPE=Debug",
                                f"-DCMAKE_PREFIX_PATH={prefix or self.prefix}")
        run("cmake", "--build", build)
        return build

    def built_by_hand(self, prefix, *options):
        """What the program says that is compiled with the flags of pkg-config."""
        files = next(prefix.rglob("assay.pc")).parent
        path = os.pathsep.join(filter(None, [str(files), os.environ.get("PKG_CONFIG_PATH")]))
        flags = run("pkg-config", "--cflags", "--libs", *options, "assay",
                    env={**os.environ, "PKG_CONFIG_PATH": path}).split()
        run(CXX, ROOT / "packaging/conan/program.cpp", *flags, "-o", prefix / "program")
        return run(prefix / "program")

    def test_a_project_that_finds_the_installed_assay_builds_and_runs(self):
        self.assertIn("accuracy", run(self.built(HERE / "consumer") / "program",
                                      cwd=self.folder.name))
        self.assertIn("losses", run(self.prefix / "bin/assay", "list"))

    def test_the_plugin_to_copy_builds_loads_and_passes_its_test(self):
        build = self.built(ROOT / "examples/plugin")
        run("ctest", "--test-dir", build)
        self.assertIn("mine>Charbonnier", run(self.prefix / "bin/assay", "list", "losses",
                                              "--plugin", build / "libmine.so"))

    def test_a_static_library_serves_a_program_and_refuses_a_plugin(self):
        # It is not built again: the objects of the shared one are already in an archive.
        build = self.configured(ROOT, "static", "-DBUILD_SHARED_LIBS=OFF", "-DASSAY_BUILD_TESTS=OFF",
                                "-DASSAY_BUILD_TOOLS=OFF")
        shutil.copy(os.environ["ASSAY_STATIC_LIBRARY"], build / "libassay.a")
        prefix = pathlib.Path(self.folder.name) / "static_prefix"
        run("cmake", "--install", build, "--prefix", prefix)
        self.assertEqual(list(prefix.rglob("libassay.so*")), [])
        self.assertEqual(run(self.built(ROOT / "packaging/conan", prefix) / "program"),
                         "huber is 0.5\n")
        if shutil.which("pkg-config"):
            self.assertEqual(self.built_by_hand(prefix, "--static"), "huber is 0.5\n")
        with self.assertRaisesRegex(AssertionError, "this assay is a static library"):
            self.configured(ROOT / "examples/plugin", "refused", f"-DCMAKE_PREFIX_PATH={prefix}")

    @unittest.skipUnless(shutil.which("pkg-config"), "this machine has no pkg-config")
    def test_a_program_is_built_with_what_pkg_config_says(self):
        self.assertEqual(self.built_by_hand(self.prefix), "huber is 0.5\n")

    def test_installed_headers_include_only_what_is_installed(self):
        self.assertGreater(len(self.headers), 200)
        for name, text in self.headers.items():
            self.assertFalse((self.prefix / "include" / name).is_symlink(), name)
            for included in re.findall(r"#include [<\"](assay/[^>\"]+)", text):
                self.assertTrue(included in self.headers, f"{name} includes {included}")

    def test_the_library_exports_what_the_installed_headers_declare(self):
        library = next(self.prefix.rglob("libassay.so"))
        mangled, symbols = ([line.split(maxsplit=2)[2] for line in
                             run("nm", "-D", *options, "--defined-only", library).splitlines()]
                            for options in ([], ["--demangle"]))
        self.assertGreater(len(symbols), 1000)
        of_assay = re.compile(r"_Z(GV|T[VTISC]|T[hvc]\w+_)?Z?N[KRO]*5assay")
        self.assertEqual([name for name in mangled if not of_assay.match(name)], [])
        for needed in ("assay::losses::huber(", "vtable for assay::losses::Loss",
                       "typeinfo for assay::metrics::Metric", "assay::load_plugin("):
            self.assertTrue(any(symbol.startswith(needed) for symbol in symbols), needed)
        declared = set(re.findall(r"\w+", " ".join(self.headers.values())))
        alien = [symbol for symbol in symbols
                 if "{lambda" in symbol or not declared.issuperset(re.findall(r"\w+", qualified(symbol)))]
        self.assertEqual(alien, [])


if __name__ == "__main__":
    unittest.main()
