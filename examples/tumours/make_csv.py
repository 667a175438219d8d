# SPDX-License-Identifier: Apache-2.0
"""Writes tumours.csv: scikit-learn's breast cancer set with one malignant tumour of six kept."""
import csv
import pathlib

from sklearn.datasets import load_breast_cancer

KEPT = 6

data = load_breast_cancer()
seen = 0
with open(pathlib.Path(__file__).parent / "tumours.csv", "w", newline="", encoding="utf-8") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow([name.replace(" ", "_") for name in data.feature_names] + ["malignant"])
    for values, label in zip(data.data, data.target):
        malignant = int(label == 0)  # scikit-learn's 0 is malignant
        seen += malignant
        if malignant and seen % KEPT:
            continue
        table.writerow([f"{value:.6g}" for value in values] + [malignant])
