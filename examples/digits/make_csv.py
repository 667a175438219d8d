"""Writes digits.csv, the handwritten digits that the scikit-learn package carries.

    python make_csv.py            # needs scikit-learn
"""

import csv
import pathlib

from sklearn.datasets import load_digits

digits = load_digits()
path = pathlib.Path(__file__).with_name("digits.csv")
with path.open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([f"p{i}" for i in range(digits.data.shape[1])] + ["label"])
    for pixels, label in zip(digits.data.astype(int), digits.target):
        writer.writerow([*pixels, label])
