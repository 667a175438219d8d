# SPDX-License-Identifier: Apache-2.0
"""Exchanges files between assay and the safetensors package, both ways.

The environment's ASSAY_SAFETENSORS_TOOL is the program made from safetensors_tool.cpp. Exit status
77 where the packages torch or safetensors are missing.
"""

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import safetensors
    import safetensors.torch
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

TOOL = os.environ["ASSAY_SAFETENSORS_TOOL"]

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
    "U16": torch.uint16,
    "U32": torch.uint32,
    "U64": torch.uint64,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
    "F8_E5M2FNUZ": torch.float8_e5m2fnuz,
    "F8_E8M0": torch.float8_e8m0fnu,
    "C64": torch.complex64,
    "F4": torch.float4_e2m1fn_x2,
}
SHAPES = {"0": [], "1": [3], "2": [2, 5], "3": [2, 3, 4], "empty": [4, 0, 2]}
METADATA = {
    "": "empty key",
    "empty": "",
    "json": '{"class_name": "Huber", "config": {"delta": 1.0}}',
    "escapes": '" \\ / \b \f \n \r \t \x01 \x7f and \0 too',
    "na\u00efve \u2603": "\u00e9\u4e2d\U0001f600",
}


def sample(name, shape):
    """The same bytes as sample_tensor in sample_tensors.cpp."""
    dtype = DTYPES[name]
    count = dtype.itemsize
    for size in shape:
        count *= size
    if name == "BOOL":
        data = [i % 2 for i in range(count)]
    else:
        data = [(37 * i + 11) % 251 for i in range(count)]
    return torch.tensor(data, dtype=torch.uint8).view(dtype).reshape(shape)


def samples():
    return {f"{name}.{suffix}": sample(name, shape)
            for name in DTYPES for suffix, shape in SHAPES.items()
            if shape or name != "F4"}  # the format has no such scalar


def bits(tensor):
    return bytes(tensor.contiguous().reshape(-1).view(torch.uint8).tolist())


def read(path):
    with open(path, "rb") as file:
        return file.read()


def metadata_of(path):
    with safetensors.safe_open(path, framework="pt") as file:
        return dict(file.metadata())


def split(content):
    """Header and data of a file."""
    end = 8 + struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:end]), content[end:]


def join(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tool(*arguments):
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False)


class Interchange(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def saved_by_assay(self):
        result = tool("write", self.path("assay"))
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.path("assay")

    def assert_checks(self, path):
        result = tool("check", path)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_package_reads_what_assay_saves(self):
        path = self.saved_by_assay()
        found = safetensors.torch.load_file(path)
        self.assertEqual(set(found), set(samples()))
        for name, expected in samples().items():
            self.assertEqual(found[name].dtype, expected.dtype, name)
            self.assertEqual(found[name].shape, expected.shape, name)
            self.assertEqual(bits(found[name]), bits(expected), name)
        metadata = metadata_of(path)
        self.assertEqual(metadata.pop("assay_format_version"), "1")
        self.assertRegex(metadata.pop("assay_checksum"), "^xxh3-128:[0-9a-f]{32}$")
        self.assertEqual(metadata, METADATA)

    def test_assay_reads_what_the_package_saves(self):
        path = self.path("package")
        safetensors.torch.save_file(samples(), path, METADATA)
        self.assert_checks(path)

    def test_both_lay_out_the_same_tensors_in_the_same_way(self):
        header, data = split(read(self.saved_by_assay()))
        expected_header, expected_data = split(safetensors.torch.save(samples()))
        del header["__metadata__"]
        self.assertEqual(data, expected_data)
        self.assertEqual(list(header.items()), list(expected_header.items()))

    def test_a_file_that_the_package_changed_is_refused_until_it_drops_the_checksum(self):
        metadata = metadata_of(self.saved_by_assay())
        changed = self.path("changed")
        safetensors.torch.save_file({"a": torch.ones(2)}, changed, metadata)
        self.assertIn("another program", tool("load", changed).stdout)
        del metadata["assay_checksum"], metadata["assay_format_version"]
        safetensors.torch.save_file({"a": torch.ones(2)}, changed, metadata)
        self.assertEqual(tool("load", changed).stdout, "loads\n")

    def test_assay_accepts_no_file_that_the_package_refuses(self):
        """3,000 mutations of files without a checksum, of their bytes and of their headers."""
        rng = random.Random(20240607)
        tensors = {"weight": torch.arange(6.0).reshape(2, 3), "count": torch.tensor(7),
                   "mask": torch.tensor([True, False]), "none": torch.zeros(0, 2)}
        intact = safetensors.torch.save(tensors, {"key": "value"})
        contents = [mutate(intact, rng) for _ in range(3000)]
        paths = [self.write(str(i), content) for i, content in enumerate(contents)]
        verdicts = []
        for start in range(0, len(paths), 500):
            result = tool("load", *paths[start:start + 500])
            self.assertEqual(result.returncode, 0, result.stderr)
            verdicts += result.stdout.splitlines()
        self.assertEqual(len(verdicts), len(contents))
        both_load = 0
        for content, verdict in zip(contents, verdicts):
            try:
                safetensors.torch.load(content)
                both_load += verdict == "loads"
            except Exception:  # the package has many
                self.assertNotEqual(verdict, "loads", content)
        self.assertGreater(both_load, 100)


def mutate(intact, rng):
    header, data = split(intact)
    kind = rng.randrange(4)
    if kind == 0:  # some bytes anywhere
        content = bytearray(intact)
        for _ in range(rng.choice([1, 1, 2, 4])):
            content[rng.randrange(len(content))] = rng.randrange(256)
        return bytes(content)
    if kind == 1:  # a piece of the header's text removed or repeated
        text = json.dumps(header).encode()
        begin = rng.randrange(len(text))
        end = min(len(text), begin + rng.randrange(1, 8))
        piece = rng.choice([b"", text[begin:end] * 2, b"0", b" ", b'"', b"}", b"\x00"])
        return join(text[:begin] + piece + text[end:], data)
    name = rng.choice([name for name in header if name != "__metadata__"])
    if kind == 2:  # a number changed
        numbers = header[name][rng.choice(["shape", "data_offsets"])]
        value = rng.choice([0, 1, 2, 3, 4, 8, 24, 33, 2**31, 2**63 - 1, 2**64 - 1, 2**64, -1, 1.0])
        place = rng.randrange(len(numbers) + 1)
        numbers[place:place + rng.choice([0, 1, 1])] = [value]
    else:  # a value of the wrong type
        value = rng.choice([None, True, 1, "F32", "U8", "F4", [], {}, [[]], [0, 0], {"a": 1}])
        if rng.random() < 0.3:
            header[name] = value
        elif rng.random() < 0.3:
            header["__metadata__"] = rng.choice([value, {"key": value}])
        else:
            header[name][rng.choice(["dtype", "shape", "data_offsets"])] = value
    return join(header, data + b"\0" * rng.choice([0, 0, 0, 1, 8]))


if __name__ == "__main__":
    unittest.main()
