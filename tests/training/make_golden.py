"""Writes golden_optimizers.json and golden_schedules.json with Keras 3 on torch, in float64.

    KERAS_BACKEND=torch python make_golden.py
"""

import json
import pathlib

import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parent
STEPS = 8

keras.config.set_floatx("float64")
schedules = keras.optimizers.schedules


def optimizers():
    o = keras.optimizers
    return [
        o.SGD(),
        o.SGD(0.1, momentum=0.9),
        o.SGD(0.1, momentum=0.9, nesterov=True),
        o.SGD(0.1, nesterov=True),
        o.SGD(schedules.ExponentialDecay(0.1, 3, 0.5), momentum=0.9),
        o.SGD(schedules.ExponentialDecay(0.1, 3, 0.5), momentum=0.9, nesterov=True),
        o.SGD(0.1, momentum=0.5, weight_decay=0.01),
        o.SGD(0.1, clipnorm=0.5),
        o.SGD(0.1, clipvalue=0.3),
        o.SGD(0.1, global_clipnorm=0.7),
        o.Adam(),
        o.Adam(0.05, beta_1=0.8, beta_2=0.95, epsilon=1e-2),
        o.Adam(0.05, amsgrad=True),
        o.Adam(0.05, weight_decay=0.1, global_clipnorm=1.0),
        o.Adam(schedules.CosineDecay(0.01, 8, alpha=0.1, warmup_target=0.1, warmup_steps=3)),
        o.AdamW(),
        o.AdamW(0.05, weight_decay=0.2, amsgrad=True),
        o.RMSprop(),
        o.RMSprop(0.05, rho=0.8, momentum=0.9),
        o.RMSprop(0.05, momentum=0.5, centered=True, epsilon=1e-3),
        o.RMSprop(schedules.InverseTimeDecay(0.05, 2, 0.5), momentum=0.9, weight_decay=0.1),
        o.Adagrad(),
        o.Adagrad(0.3, initial_accumulator_value=0.0, epsilon=1e-2),
        o.Adagrad(0.3, weight_decay=0.05, clipnorm=0.4),
        o.SGD(0.1, momentum=0.9, use_ema=True, ema_momentum=0.6),
        o.Adam(0.05, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3),
        o.AdamW(0.05, use_ema=True),
        o.RMSprop(0.05, use_ema=True, ema_momentum=0.0),
        o.Adagrad(0.3, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=1),
    ]


def optimizer_case(optimizer, draws):
    shapes = [(2, 2), (3,)]
    start = [draws.normal(size=shape).round(4) for shape in shapes]
    variables = [keras.Variable(value, dtype="float64") for value in start]
    case = {
        "optimizer": keras.optimizers.serialize(optimizer),
        "start": [value.tolist() for value in start],
        "gradients": [],
        "parameters": [],
    }
    for _ in range(STEPS):
        gradients = [draws.normal(size=shape).round(4) for shape in shapes]
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
        case["gradients"].append([g.tolist() for g in gradients])
        case["parameters"].append([v.numpy().tolist() for v in variables])
    optimizer.finalize_variable_values(variables)
    case["final"] = [v.numpy().tolist() for v in variables]
    return case


def all_schedules():
    s = schedules
    return [
        s.ExponentialDecay(0.1, 7, 0.5),
        s.ExponentialDecay(0.1, 7, 0.5, staircase=True),
        s.InverseTimeDecay(0.1, 7, 0.5),
        s.InverseTimeDecay(0.1, 7, 0.5, staircase=True),
        s.PolynomialDecay(0.1, 20),
        s.PolynomialDecay(0.1, 20, end_learning_rate=0.01, power=0.5),
        s.PolynomialDecay(0.1, 7, power=2.0, cycle=True),
        s.PiecewiseConstantDecay([5, 12], [0.1, 0.02, 0.005]),
        s.PiecewiseConstantDecay([10], [0.1, 0.2]),
        s.CosineDecay(0.1, 20),
        s.CosineDecay(0.1, 20, alpha=0.2, warmup_steps=5),
        s.CosineDecay(0.0, 20, alpha=0.2, warmup_target=0.3, warmup_steps=5),
        s.CosineDecay(0.0, 20, warmup_target=0.3),
        s.CosineDecayRestarts(0.1, 5),
        s.CosineDecayRestarts(0.1, 5, t_mul=1.0, m_mul=0.9, alpha=0.1),
        s.CosineDecayRestarts(0.1, 3, t_mul=1.5, m_mul=0.5),
    ]


def schedule_case(schedule):
    # Steps as float64: Keras would compute with float32 for integers.
    steps = [keras.ops.convert_to_tensor(float(i), dtype="float64") for i in range(40)]
    rates = [float(schedule(step)) for step in steps]
    return {"schedule": schedules.serialize(schedule), "rates": rates}


def write(name, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / name).write_text(f"[\n{lines}\n]\n")


draws = np.random.default_rng(8)
write("golden_optimizers.json", [optimizer_case(o, draws) for o in optimizers()])
write("golden_schedules.json", [schedule_case(s) for s in all_schedules()])
