# SPDX-License-Identifier: Apache-2.0
"""report.html in a headless Chromium: it is drawn, in light and in dark, and fits its window."""
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which(
    "google-chrome")
# The colours of the page's style (training/report/html.cpp).
LIGHT = {"back": (0xff, 0xff, 0xff), "training": (0x25, 0x63, 0xeb),
         "validation": (0xd9, 0x77, 0x06)}
DARK = {"back": (0x14, 0x17, 0x1a), "training": (0x60, 0xa5, 0xfa),
        "validation": (0xfb, 0xbf, 0x24)}
# The page in a frame as wide as a phone or a desktop; how far it reaches beyond goes into the title.
FRAME = """<!doctype html><body><iframe src="report.html" width="{width}" height="800"></iframe>
<script>onload = () => {{ const page = document.querySelector("iframe").contentDocument;
  document.title = "beyond " + (page.documentElement.scrollWidth - {width}); }}</script>"""


def pixels(png):
    """(width, height, rows of RGB or RGBA bytes, bytes of a pixel) of a PNG with 8 bits a channel."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and color in (2, 6) and interlaced == 0
        elif kind == b"IDAT":
            packed += body
        at += length + 12
    size = 3 if color == 2 else 4
    data, stride = zlib.decompress(packed), width * size
    rows, above = [], bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        row = unfiltered(data[start], bytearray(data[start + 1:start + 1 + stride]), above, size)
        rows.append(row)
        above = row
    return width, height, rows, size


def unfiltered(method, row, above, size):
    if method == 0:
        return row
    for i, value in enumerate(row):
        left = row[i - size] if i >= size else 0
        up = above[i]
        corner = above[i - size] if i >= size else 0
        if method == 1:
            guess = left
        elif method == 2:
            guess = up
        elif method == 3:
            guess = (left + up) // 2
        else:
            near = left + up - corner
            guess = min((left, up, corner), key=lambda c: abs(near - c))
        row[i] = (value + guess) & 0xff
    return row


def colors(png):
    """How many pixels have each colour."""
    width, _, rows, size = pixels(png)
    counts = {}
    for row in rows:
        for x in range(width):
            color = tuple(row[x * size:x * size + 3])
            counts[color] = counts.get(color, 0) + 1
    return counts


@unittest.skipUnless(BROWSER, "no chromium on this machine: the report is not looked at")
class ReportInABrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        path = experiments.make(cls.folder / "blobs")
        run = experiments.assay("train", path, "-q", "--epochs", 3)
        assert run.returncode == 0, run.stderr
        cls.run_folder = path.parent / "run"

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def browser(self, *arguments):
        return subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--allow-file-access-from-files", f"--user-data-dir={self.folder}/profile",
             "--virtual-time-budget=5000", *arguments],
            check=True, capture_output=True, timeout=300)

    def screenshot(self, *arguments):
        target = self.folder / "page.png"
        self.browser(f"--screenshot={target}", "--window-size=900,1200", *arguments,
                     (self.run_folder / "report.html").as_uri())
        return target.read_bytes()

    def check_drawn(self, png, palette):
        counts = colors(png)
        self.assertEqual(max(counts, key=counts.get), palette["back"])
        for line in ("training", "validation"):
            self.assertGreater(counts.get(palette[line], 0), 200, line)

    def test_is_drawn_in_light(self):
        self.check_drawn(self.screenshot("--blink-settings=preferredColorScheme=1"), LIGHT)

    def test_is_drawn_in_dark(self):
        self.check_drawn(self.screenshot("--blink-settings=preferredColorScheme=0"), DARK)

    def test_fits_a_phone_and_a_desktop(self):
        for width in (360, 1280):
            frame = self.run_folder / "frame.html"
            frame.write_text(FRAME.format(width=width), encoding="utf-8")
            page = self.browser("--window-size=1400,900", "--dump-dom", frame.as_uri()).stdout
            self.assertIn(b"<title>beyond 0</title>", page, width)


if __name__ == "__main__":
    unittest.main()
