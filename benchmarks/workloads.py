# SPDX-License-Identifier: Apache-2.0
"""The workloads of script/bench: what is measured, on which data, and what it should come to.

Run as a program it prints them as JSON, which the C++ program reads. A workload has

- assay: the configuration that assay::losses::get or assay::metrics::get takes;
- y_true, y_pred: how the tensors are drawn (data.py, workload.cpp), `shape` that of y_pred;
- kind: "loss", "metric", "collection", or "linear", a loss that has the classifier within;
- passes: losses "forward" and "backward" (forward with backward), metrics "update" and "result",
  and "peak_memory";
- targets: by pass and contestant. A number for a peer is how many times its time assay must be
  faster at least; for "limit", "microseconds" and "percent of libtorch", of its memory, it is the
  most that is allowed. "libraries" is the faster of torchmetrics and torcheval, "dearest" the slowest
  member of a collection;
- tolerance: how far results may lie from assay's before the workload fails, relative to the
  largest magnitude.
"""

import json
import math

LARGE = 32 * 2**20  # bytes: glibc maps and unmaps what is larger at every allocation
BYTES = {"float32": 4, "bfloat16": 2}
LOSS = ("forward", "backward")
METRIC = ("update", "result")

WORKLOADS = []


def add(family, name, kind, assay, shape, y_true, y_pred, **options):
    workload = {
        "name": f"{family}/{name}",
        "family": family,
        "kind": kind,
        "assay": assay,
        "shape": shape,
        "y_true": y_true,
        "y_pred": y_pred,
        "dtype": "float32",
        "weighted": False,
        "passes": LOSS if kind == "loss" else METRIC,
        "targets": {},
        "tolerance": 2e-4,
        "python": True,
        "all_cores_only": False,
    } | options
    workload["large"] = math.prod(shape) * BYTES[workload["dtype"]] > LARGE
    WORKLOADS.append(workload)


def loss(class_name, shape, y_true, y_pred, config=None, family="losses", name="", **options):
    assay = {"class_name": class_name, "config": config or {}}
    add(family, class_name + name, "loss", assay, shape, y_true, y_pred, **options)


def metric(class_name, shape, y_true, y_pred, config=None, family="metrics", name="", **options):
    assay = {"class_name": class_name, "config": config or {}}
    add(family, class_name + name, "metric", assay, shape, y_true, y_pred, **options)


def size(shape):
    return "x".join(map(str, shape))


# Sparse cross-entropy.
IGNORED = -100
VARIANTS = {
    "plain": {},
    "weighted": {"weighted": True},
    "half_ignored": {"config": {"ignore_class": IGNORED}, "y_true": "half_ignored"},
    "smoothed": {"config": {"label_smoothing": 0.1}},
}
LOGITS_TARGETS = {
    (65536, 10): {"backward": {"libtorch": 12}},
    (4096, 1000): {"backward": {"libtorch": 3.5}},
    (512, 32000): {"backward": {"libtorch": 2.5, "limit": 1.25}},
    (128, 128256): {"backward": {"libtorch": 2.5, "limit": 1.25}},
}
PROBABILITY_TARGETS = {"forward": {"limit": 1.3}, "backward": {"composed": 1.6, "keras": 10}}

for from_logits in (True, False):
    source = "logits" if from_logits else "probabilities"
    for shape in LOGITS_TARGETS:
        for dtype in BYTES:
            for variant, changes in VARIANTS.items():
                plain = variant == "plain" and dtype == "float32"
                add(
                    "sparse_crossentropy",
                    f"{source}/{size(shape)}/{dtype}/{variant}",
                    "loss",
                    {
                        "class_name": "SparseCategoricalCrossentropy",
                        "config": {"from_logits": from_logits} | changes.get("config", {}),
                    },
                    shape,
                    changes.get("y_true", "classes"),
                    "normal" if from_logits else "distribution",
                    dtype=dtype,
                    weighted=changes.get("weighted", False),
                    tolerance=2e-4 if dtype == "float32" else 2e-2,
                    targets={} if not plain else LOGITS_TARGETS[shape] if from_logits else PROBABILITY_TARGETS,
                    passes=LOSS + ("peak_memory",) if plain and shape[1] > 1000 else LOSS,
                    python=plain or dtype == "float32" and shape == (4096, 1000),
                )

# A classifier of a large vocabulary with its loss, from hidden states of `shape`.
VOCABULARY = 128256
add("linear_crossentropy", f"4096x512x{VOCABULARY}", "linear",
    {"class_name": "LinearSparseCategoricalCrossentropy", "config": {"classes": VOCABULARY}},
    (4096, 512), "classes", "normal", passes=("backward", "peak_memory"),
    targets={"backward": {"libtorch": 1}, "peak_memory": {"percent of libtorch": 5}},
    all_cores_only=True, python=False)

# The other losses.
MILLION = (4096, 256)  # 2^20 elements


def faster(times, peer="libtorch"):
    return {"backward": {peer: times}}


for smoothing, targets in ((0.0, {}), (0.1, faster(4))):
    loss("CategoricalCrossentropy", (4096, 1000), "one_hot", "normal",
         {"from_logits": True, "label_smoothing": smoothing},
         name="/logits/4096x1000" + ("/smoothed" if smoothing else ""), targets=targets)
loss("CategoricalCrossentropy", (4096, 1000), "one_hot", "distribution", name="/probabilities/4096x1000")
loss("BinaryCrossentropy", MILLION, "bits", "normal", {"from_logits": True}, name="/logits", targets=faster(4))
loss("BinaryCrossentropy", MILLION, "bits", "unit", name="/probabilities", targets=faster(10))
loss("BinaryFocalCrossentropy", MILLION, "bits", "normal", {"from_logits": True}, name="/logits",
     targets=faster(5, "composed"))
loss("BinaryFocalCrossentropy", MILLION, "bits", "unit", name="/probabilities", targets=faster(5, "composed"))
loss("MeanSquaredError", MILLION, "normal", "normal", targets=faster(2))
loss("MeanAbsoluteError", MILLION, "normal", "normal", targets=faster(2))
loss("Huber", MILLION, "normal", "normal", targets=faster(2))
loss("LogCosh", MILLION, "normal", "normal", targets=faster(5, "composed"))
loss("CosineSimilarity", MILLION, "normal", "normal", targets=faster(5))
loss("KLDivergence", MILLION, "distribution", "distribution", targets=faster(5))
loss("Dice", (16, 256, 256, 1), "bits", "unit", targets=faster(2, "composed"))
loss("Tversky", (16, 256, 256, 1), "bits", "unit", {"alpha": 0.3, "beta": 0.7})
loss("CTC", (32, 128, 64), "sequences", "normal", tolerance=1e-3)

# Metrics.
FLAT = (2**20,)


def update(libraries=None, limit=3):
    """The targets of an update; never slower than composed operators."""
    targets = {"composed": 1}
    if libraries:
        targets["libraries"] = libraries
    if limit:
        targets["limit"] = limit
    return {"update": targets}


metric("SparseCategoricalCrossentropy", (4096, 1000), "classes", "normal", {"from_logits": True},
       targets=update(limit=None))
metric("SparseCategoricalAccuracy", (4096, 1000), "classes", "normal", targets=update(10))
metric("SparseTopKCategoricalAccuracy", (4096, 1000), "classes", "normal", {"k": 5}, targets=update(10))
metric("AUC", FLAT, "bits", "unit", targets=update(100), tolerance=5e-3)
for threshold_metric in ("Precision", "Recall"):
    metric(threshold_metric, FLAT, "bits", "unit", name="/1_threshold", targets=update())
    metric(threshold_metric, FLAT, "bits", "unit", {"thresholds": [i / 201 for i in range(1, 201)]},
           name="/200_thresholds", targets=update(50), tolerance=2e-2)
metric("F1Score", (65536, 10), "one_hot", "distribution", {"average": "macro"}, targets=update(15))
metric("MeanIoU", (8, 256, 256), "ids", "ids", {"num_classes": 21}, targets=update(30))
metric("MeanSquaredError", FLAT, "normal", "normal", targets=update())
metric("R2Score", (2**20, 1), "normal", "normal", targets=update(5))
metric("PearsonCorrelation", FLAT, "normal", "normal", targets=update(5), tolerance=1e-3)

# The small batch.
SMALL = (32, 10)
MICROSECONDS = {"update": {"microseconds": 3}}
for class_name, y_true, y_pred, config in (
    ("SparseCategoricalCrossentropy", "classes", "normal", {"from_logits": True}),
    ("SparseCategoricalAccuracy", "classes", "normal", {}),
    ("SparseTopKCategoricalAccuracy", "classes", "normal", {"k": 5}),
    ("F1Score", "one_hot", "distribution", {"average": "macro"}),
    ("MeanSquaredError", "normal", "normal", {}),
    ("Precision", "bits", "unit", {}),
    ("AUC", "bits", "unit", {}),
):
    metric(class_name, SMALL, y_true, y_pred, config, family="small_batch", targets=MICROSECONDS,
           tolerance=5e-2 if class_name == "AUC" else 2e-4)
loss("SparseCategoricalCrossentropy", SMALL, "classes", "normal", {"from_logits": True},
     family="small_batch", name="/loss")

# Ten metrics at once.
for name, shape, y_true, y_pred, members in (
    ("binary", FLAT, "bits", "unit",
     ["BinaryAccuracy", "Precision", "Recall", "TruePositives", "FalsePositives", "TrueNegatives",
      "FalseNegatives", "AUC", "BinaryCrossentropy", "BinaryIoU"]),
    ("multiclass", (4096, 1000), "classes", "distribution",
     ["SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SparseCategoricalCrossentropy",
      "Perplexity", "ExpectedCalibrationError", "BalancedAccuracy", "CohenKappa", "ConfusionMatrix",
      "MatthewsCorrelation", "MeanIoU"]),
):
    by_class = ("BalancedAccuracy", "CohenKappa", "ConfusionMatrix", "MatthewsCorrelation", "MeanIoU")
    configs = {"MeanIoU": {"sparse_y_pred": False}, "BinaryIoU": {"threshold": 0.5}}
    add("collection", name, "collection",
        [{"class_name": member,
          "config": configs.get(member, {}) | ({"num_classes": shape[-1]} if member in by_class else {})}
         for member in members],
        shape, y_true, y_pred, passes=("update",), targets={"update": {"dearest": 0.5}}, python=False)

if __name__ == "__main__":
    print(json.dumps(WORKLOADS, indent=1))
