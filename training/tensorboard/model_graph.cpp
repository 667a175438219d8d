// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/sequential.h>
#include <assay/training/tensorboard/model_graph.h>
#include <torch/nn/modules/container/sequential.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace assay::training::tensorboard {
namespace {

// tensorflow.AttrValue
Message text_value(const std::string& value) { return Message().text(2, value); }

Message shape_value(at::IntArrayRef sizes) {
  Message shape;
  for (const auto size : sizes) shape.message(2, Message().integer(1, size));
  return Message().message(7, shape);
}

bool is_sequential(const torch::nn::Module& module) {
  return dynamic_cast<const layers::Sequential*>(&module) ||
         dynamic_cast<const torch::nn::SequentialImpl*>(&module);
}

// A slash nests; the others have a meaning where a node's name stands as an input.
std::string node_name(std::string path) {
  for (auto& letter : path) {
    if (letter == '/' || letter == ':' || letter == '^') letter = '_';
    if (letter == '.') letter = '/';
  }
  return path;
}

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

class Graph {
 public:
  // The name of the node before it in its Sequential, "" of a first one; nothing for a module that
  // stands in none.
  using Input = std::optional<std::string>;

  // Adds the nodes of a module and of its parts; returns what the next one in its Sequential gets.
  Input add(const torch::nn::Module& module, const std::string& path, const Input& input) {
    const auto children = module.named_children();
    if (is_sequential(module) && !children.is_empty()) {
      Input last = input.value_or("");
      for (const auto& child : children) {
        last = add(*child.value(), joined(path, child.key()), last);
      }
      return last;
    }
    const auto name = node_name(name_of(path, module));
    const bool has_tensors =
        !module.parameters(/*recurse=*/false).empty() || !module.buffers(/*recurse=*/false).empty();
    if (children.is_empty() || has_tensors || input) add_node(module, name, input.value_or(""));
    for (const auto& child : children) {
      add(*child.value(), joined(path, child.key()), std::nullopt);
    }
    return name;
  }

  Message message() const { return graph_; }

 private:
  void add_node(const torch::nn::Module& module, const std::string& name,
                const std::string& input) {
    // tensorflow.NodeDef: name = 1, op = 2, input = 3, attr = 5.
    Message node;
    node.text(1, name).text(2, module.name());
    if (!input.empty()) node.text(3, input);
    const auto attribute = [&](const std::string& key, const Message& value) {
      node.message(5, Message().text(1, key).message(2, value));
    };
    attribute("class_name", text_value(module.name()));
    if (const auto* layer = dynamic_cast<const layers::Layer*>(&module)) {
      attribute("config", text_value(layer->get_config().dump()));
    }
    for (const auto& tensors :
         {module.named_parameters(/*recurse=*/false), module.named_buffers(/*recurse=*/false)}) {
      for (const auto& tensor : tensors) {
        attribute(tensor.key(), shape_value(tensor.value().sizes()));
      }
    }
    graph_.message(1, node);
  }

  Message graph_;
};

}  // namespace

std::string name_of(const std::string& path, const torch::nn::Module& module) {
  if (!path.empty()) return path;
  const auto& name = module.name();
  return name.substr(name.rfind(':') + 1);
}

Message model_graph(const torch::nn::Module& model) {
  constexpr int kProducer = 22;  // the version of TensorFlow's graphs that has nothing newer
  Graph graph;
  graph.add(model, "", std::nullopt);
  return graph.message().message(4, Message().integer(1, kProducer));
}

}  // namespace assay::training::tensorboard
