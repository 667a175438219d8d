# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference.md: every loss and metric with its picture, its options, what it computes, and
what it is called elsewhere. From `assay describe`, the headers and the pictures of make_curves.py.

    docs/make_reference.py [path/to/assay] [--check]

With --check nothing is written; the exit code says whether the page is what it should be.
"""
import html
import json
import pathlib
import re
import subprocess
import sys

from curves.places import picture_path

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent
PAGE = HERE / "reference.md"

HEAD = """# Losses and metrics

Written by docs/make_reference.py from the headers and from what `assay describe` says; a test holds it
to them. Names in the second line of each entry are those that a configuration may use. How values
become one number, weights and masks are the same for all losses: see `losses/loss.h`; for all metrics:
`metrics/metric.h`.

The pictures show what the library computes (docs/make_curves.py). Scores of two classes in them are
probabilities whose logits are normal in each class, with the same deviation σ.
"""

# What a class is called elsewhere, where it is not by its own name in Keras. Options and reductions
# differ: from-keras.md and from-torchmetrics.md say how.
ELSEWHERE = {
    "losses": {
        "BinaryCrossentropy": "torch.nn.BCELoss, torch.nn.BCEWithLogitsLoss",
        "BinaryFocalCrossentropy": "torchvision.ops.sigmoid_focal_loss",
        "CTC": "torch.nn.CTCLoss",
        "CategoricalCrossentropy": "torch.nn.CrossEntropyLoss with probabilities as target",
        "CosineSimilarity": "minus torch.nn.CosineSimilarity",
        "GaussianNegativeLogLikelihood": "torch.nn.GaussianNLLLoss, with log-variances",
        "Hinge": "torch.nn.HingeEmbeddingLoss is another loss",
        "Huber": "torch.nn.HuberLoss",
        "KLDivergence": "torch.nn.KLDivLoss, with probabilities in place of their logarithms",
        "MeanAbsoluteError": "torch.nn.L1Loss",
        "MeanSquaredError": "torch.nn.MSELoss",
        "Poisson": "torch.nn.PoissonNLLLoss(log_input=False)",
        "Quantile": "none in Keras and PyTorch; sklearn.metrics.mean_pinball_loss",
        "SparseCategoricalCrossentropy": "torch.nn.CrossEntropyLoss with from_logits, "
                                         "torch.nn.NLLLoss of logarithms without",
        "SparseCategoricalFocalCrossentropy": "keras.losses.CategoricalFocalCrossentropy of one-hot "
                                              "labels; none in PyTorch",
    },
    "metrics": {
        "AUC": "torchmetrics.AUROC, torchmetrics.AveragePrecision; with thresholds",
        "AveragePrecision": "torchmetrics.AveragePrecision",
        "BalancedAccuracy": "torchmetrics.Accuracy(average=\"macro\")",
        "BinaryAccuracy": "torchmetrics.classification.BinaryAccuracy",
        "BootstrapInterval": "torchmetrics.wrappers.BootStrapper",
        "BrierScore": "none by that name in Keras and torchmetrics, whose MeanSquaredError of "
                      "probabilities it is; sklearn.metrics.brier_score_loss",
        "CategoricalAccuracy": "torchmetrics.classification.MulticlassAccuracy of argmax",
        "CohenKappa": "torchmetrics.CohenKappa",
        "ConcordanceCorrelation": "torchmetrics.ConcordanceCorrCoef",
        "ConfusionMatrix": "torchmetrics.ConfusionMatrix",
        "CosineSimilarity": "torchmetrics.CosineSimilarity",
        "ExpectedCalibrationError": "torchmetrics.CalibrationError",
        "F1Score": "torchmetrics.F1Score",
        "FBetaScore": "torchmetrics.FBetaScore",
        "IoU": "torchmetrics.JaccardIndex",
        "KLDivergence": "torchmetrics.KLDivergence",
        "LogCoshError": "torchmetrics.LogCoshError",
        "MatthewsCorrelation": "torchmetrics.MatthewsCorrCoef",
        "Mean": "torchmetrics.MeanMetric",
        "MeanAbsoluteError": "torchmetrics.MeanAbsoluteError",
        "MeanAbsolutePercentageError": "torchmetrics.MeanAbsolutePercentageError",
        "MeanIoU": "torchmetrics.JaccardIndex(average=\"macro\")",
        "MeanSquaredError": "torchmetrics.MeanSquaredError",
        "MeanSquaredLogarithmicError": "torchmetrics.MeanSquaredLogError",
        "PearsonCorrelation": "torchmetrics.PearsonCorrCoef",
        "PerClass": "torchmetrics.wrappers.ClasswiseWrapper",
        "Perplexity": "torchmetrics.text.Perplexity",
        "Precision": "torchmetrics.Precision",
        "PrecisionAtRecall": "torchmetrics.PrecisionAtFixedRecall",
        "PrecisionRecallCurve": "torchmetrics.PrecisionRecallCurve",
        "R2Score": "torchmetrics.R2Score",
        "ROCCurve": "torchmetrics.ROC",
        "Recall": "torchmetrics.Recall",
        "RecallAtPrecision": "torchmetrics.RecallAtFixedPrecision",
        "RootMeanSquaredError": "torchmetrics.MeanSquaredError(squared=False)",
        "SensitivityAtSpecificity": "torchmetrics.SensitivityAtSpecificity",
        "SlidingWindow": "torchmetrics.wrappers.Running",
        "SparseCategoricalAccuracy": "torchmetrics.classification.MulticlassAccuracy",
        "SparseTopKCategoricalAccuracy": "torchmetrics.classification.MulticlassAccuracy(top_k=k)",
        "SpecificityAtSensitivity": "torchmetrics.SpecificityAtSensitivity",
        "Sum": "torchmetrics.SumMetric",
    },
}


def described(command, kind):
    listing = subprocess.run([command, "list", kind], check=True, text=True, capture_output=True)
    names = [line.split()[0] for line in listing.stdout.splitlines()]
    shown = subprocess.run([command, "describe", "--json", *names], check=True, text=True,
                           capture_output=True)
    singular = {"losses": "loss", "metrics": "metric"}[kind]
    return [entry for entry in json.loads(shown.stdout) if entry["kind"] == singular]


def comments(header):
    """The documenting comments of a header, as lists of lines, each with the code behind it."""
    block = []
    for line in header.splitlines():
        if line.startswith("///"):
            block.append(line[4:])
        elif block:
            yield block, line
            block = []


def documentation(kind, class_name):
    """What is said of a class: of its function, where that is where the formula stands."""
    for path in sorted((ROOT / kind).glob("*.h")):
        header = path.read_text(encoding="utf-8")
        in_options = f'class_name = "{class_name}"' in header
        if not in_options and not re.search(rf"^class {class_name} final", header, re.M):
            continue
        found = list(comments(header))
        own = [text for text, code in found if re.match(rf"class {class_name}(Impl)?\b", code)]
        function = [text for text, code in found if code.startswith("at::Tensor ")]
        return (function if kind == "losses" and function else own)[0], own[0]
    raise LookupError(f"{kind}/*.h documents no {class_name}")


def keras_name(text):
    found = re.search(r"Source: (keras\.\w+\.[A-Z]\w*)", " ".join(text))
    return found.group(1) if found else None


def escaped(text):
    return text.replace("|", "\\|")


def option_type(schema):
    if "anyOf" in schema:
        return " or ".join(option_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if isinstance(schema.get("type"), list):
        return " or ".join(schema["type"])
    if schema.get("type") == "array" and "items" in schema:
        return "list of " + option_type(schema["items"])
    return schema.get("type", "JSON")


def shared(name, schema):
    return name in ("name", "dtype", "reduction")


def picture(kind, name):
    """The picture of docs/make_curves.py."""
    path = picture_path(kind, name)
    says = re.search('aria-label="(.*?)"', path.read_text(encoding="utf-8")).group(1)
    return f"![{html.unescape(says)}]({path.relative_to(HERE).as_posix()})"


def entry_text(kind, entry):
    name = entry["class_name"]
    formula, own = documentation(kind, name)
    lines = [f"### {name}", ""]
    aliases = [alias for alias in entry["aliases"] if alias != name]
    elsewhere = [keras_name(own) or keras_name(formula), ELSEWHERE[kind].get(name)]
    lines.append("`" + "`, `".join([name, *aliases]) + "`")
    if not any(elsewhere):
        raise LookupError(f"docs/make_reference.py does not say what {name} is called elsewhere")
    lines += ["", "Elsewhere: " + "; ".join(filter(None, elsewhere)) + "."]
    lines += ["", picture(kind, name), "", "```text", *formula, "```"]
    options = {key: value for key, value in entry["config"]["properties"].items()
               if not shared(key, value)}
    if options:
        lines += ["", "| option | type | default | |", "|---|---|---|---|"]
        for key, schema in options.items():
            lines.append(f"| `{key}` | {escaped(option_type(schema))} | "
                         f"`{json.dumps(schema['default'])}` | {escaped(schema['description'])} |")
    return "\n".join(lines)


def page(command):
    parts = [HEAD]
    for kind in ("losses", "metrics"):
        parts.append(f"## {kind.capitalize()}\n")
        parts += [entry_text(kind, entry) + "\n" for entry in described(command, kind)]
    return "\n".join(parts)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    text = page(arguments[0] if arguments else str(ROOT / "build/tools/assay"))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/reference.md is not what docs/make_reference.py writes: run it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
