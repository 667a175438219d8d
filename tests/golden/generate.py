"""Writes the golden files: python generate.py [ClassName ...]

Fails where another library and the float64 formula disagree.
"""

import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import loss_cases
import metric_cases
from losses import LOSSES
from metrics import METRICS
from metrics_beyond import BEYOND_KERAS
from metrics_counts import COUNTING_METRICS
from metrics_curves import CURVES
from metrics_wrappers import WRAPPERS
from tensors import dumps

HERE = Path(__file__).resolve().parent
LIBRARIES = ("keras", "torch", "numpy", "scipy", "scikit-learn")
MADE_BY = {name: version(name).split("+")[0] for name in LIBRARIES}


def write(folder, class_name, cases):
    head = f'{{"class_name":{dumps(class_name)},"made_by":{dumps(MADE_BY)},"cases":[\n'
    text = head + ",\n".join(dumps(case) for case in cases) + "\n]}\n"
    path = HERE / folder / f"{class_name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def main(wanted):
    warnings.simplefilter("ignore", UserWarning)  # expected: Keras's and scikit-learn's on corners
    for folder, specs, make in (
        ("losses", LOSSES, loss_cases.make),
        ("metrics", METRICS + COUNTING_METRICS + BEYOND_KERAS + CURVES + WRAPPERS, metric_cases.make),
    ):
        for spec in specs:
            if not wanted or spec.name in wanted:
                cases = make(spec)
                write(folder, spec.name, cases)
                print(f"{folder}/{spec.name}: {len(cases)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
