// What every source of the benchmark includes; parsed once.
#pragma once
#include <benchmark/benchmark.h>
#include <torch/nn/functional.h>
#include <torch/torch.h>

#include <nlohmann/json.hpp>
