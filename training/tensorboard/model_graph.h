// SPDX-License-Identifier: Apache-2.0
// A model as the graph that TensorBoard draws.
#pragma once
#include <assay/training/tensorboard/protobuf.h>
#include <torch/nn/module.h>

#include <string>

namespace assay::training::tensorboard {

/// A module's path in its model, "encoder.0.attention"; of the model itself, whose path is empty,
/// the name of its class without namespaces.
std::string name_of(const std::string& path, const torch::nn::Module& module);

/// A tensorflow.GraphDef with a node for each module that holds no others, in order; its name is
/// the module's path, so that TensorBoard groups it as the modules are nested. A node tells the
/// module's class, its configuration where it is a Layer, and the shapes of its own parameters and
/// buffers. A module that holds others has a node too where it has such tensors, or stands in a
/// Sequential.
///
/// The layers of a Sequential (layers::Sequential, torch::nn::Sequential) are connected in their
/// order. How other modules use their parts is not known; there are no edges between those.
/// Source: tensorflow/core/framework/{graph,node_def,attr_value}.proto.
Message model_graph(const torch::nn::Module& model);

}  // namespace assay::training::tensorboard
