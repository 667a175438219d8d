"""Writes the .npy and .npz files in arrays/ with NumPy.

    python make_arrays.py
"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "arrays"
FOLDER.mkdir(exist_ok=True)


def numbers(dtype):
    return np.arange(6).reshape(2, 3).astype(dtype)


for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    for order, name in [("<", "little"), (">", "big")]:
        if dtype[1] != "1" or order == "<":
            np.save(FOLDER / f"{dtype}_{name}.npy", numbers(order + dtype))
np.save(FOLDER / "bool.npy", numbers("i8") % 2 == 1)
np.save(FOLDER / "fortran.npy", np.asfortranarray(numbers("<f4")))
np.save(FOLDER / "fortran_big.npy", np.asfortranarray(numbers(">i4")))
np.save(FOLDER / "scalar.npy", np.float32(7))
np.save(FOLDER / "empty.npy", np.zeros((0, 3), "f4"))
np.save(FOLDER / "complex.npy", np.zeros(2, "c8"))
np.save(FOLDER / "text.npy", np.array(["a", "b"]))
np.save(FOLDER / "record.npy", np.zeros(2, [("a", "f4"), ("b", "i4")]))
np.save(FOLDER / "too_large.npy", np.array([2**63], "u8"))
for version in [1, 2, 3]:
    with (FOLDER / f"version_{version}.npy").open("wb") as file:
        np.lib.format.write_array(file, numbers("<f4"), version=(version, 0))

x = np.arange(12, dtype="f4").reshape(4, 3)
y = np.array([0, 1, 2, 1], "u1")
w = np.array([1, 2, 3, 4], "f8")
np.savez(FOLDER / "stored.npz", x=x, y=y, w=w)
np.savez_compressed(FOLDER / "packed.npz", x=x, y=y, w=w)
