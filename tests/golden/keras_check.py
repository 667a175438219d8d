"""Runs Keras on a case, in the precision asked for."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch

from tensors import FLOATS

torch.set_num_threads(1)


# With any backend but TensorFlow, Keras's type promotion turns float64 into
# float32 (in `mean`, `divide_no_nan` and others). Here float64 stays.
keras.src.backend.common.dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


class Disagreement(AssertionError):
    pass


def _torch(value, precision):
    if value is None:
        return None
    data = torch.tensor(value.data)
    return data.to(FLOATS[precision]) if value.dtype in FLOATS else data


def _numpy(result):
    if isinstance(result, dict):
        return {name: _numpy(entry) for name, entry in result.items()}
    return keras.ops.convert_to_numpy(result).astype(np.float64)


def run_loss(class_name, config, t, p, weight, precision="float64"):
    keras.config.set_floatx(precision)
    config = {key: value for key, value in config.items() if key != "dtype"}
    loss = getattr(keras.losses, class_name)(**config, dtype=precision)
    return _numpy(loss(_torch(t, precision), _torch(p, precision), _torch(weight, precision)))


def run_metric(class_name, config, updates, precision="float64"):
    keras.config.set_floatx(precision)
    config = dict(config, dtype=precision)
    if class_name == "MeanMetricWrapper":
        config["fn"] = getattr(keras.losses, config["fn"])
    metric = getattr(keras.metrics, class_name)(**config)
    for t, p, weight in updates:
        t, p, weight = (_torch(value, precision) for value in (t, p, weight))
        if p is None:
            metric.update_state(t, weight)
        else:
            if not torch.is_floating_point(p) and class_name not in ("Accuracy",):
                p = p.to(FLOATS[precision])
            metric.update_state(t, p, weight)
    return _numpy(metric.result())


def require_close(what, actual, expected, rtol, atol):
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        raise Disagreement(f"{what}: shape {actual.shape}, formula has {expected.shape}")
    if not np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True):
        raise Disagreement(f"{what}: gives\n{actual}\nthe formula gives\n{expected}")
