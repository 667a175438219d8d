// SPDX-License-Identifier: Apache-2.0
// Layers and models by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/registry/registry.h>
#include <assay/training/layers/layer.h>

#include <filesystem>
#include <memory>
#include <string>

namespace assay::training::layers {

/// The registry of layers.
using LayerRegistry = Registry<Layer>;

/// All known layers: assay's own, and what plugins and the program added. A whole model of one's
/// own is a layer too:
///
///     struct NetImpl : layers::LayerOf<NetImpl, NetOptions> {        // layers/layer-inl.h
///       using LayerOf::LayerOf;
///       at::Tensor forward(const at::Tensor& x) override;
///     };
///     layers::registry().add<NetImpl>();
LayerRegistry& registry();

///@{
/// A layer from a class name or JSON text; or from JSON, in Keras's shape or short: "ReLU",
/// {"class_name": "Dense", "config": {"units": 10}}.
/// Errors: ValueError that names the JSON path and the nearest known name.
/// Source: keras.layers.deserialize.
std::shared_ptr<Layer> get(const std::string& name_or_json);
std::shared_ptr<Layer> get(const char* name_or_json);
std::shared_ptr<Layer> get(const Json& identifier);
std::shared_ptr<Layer> get(const nlohmann::json& identifier);
///@}

/// {"module", "class_name", "config", "registered_name"}. Source: keras.layers.serialize.
Json serialize(const Layer& layer);

/// A model: any layer, most often
///
///     {"class_name": "Sequential", "config": {"layers": [...]}}
///     [{"class_name": "Dense", "config": {"units": 10}}, ...]             // the same, short
///     {"class_name": "TorchScript", "config": {"path": "model.pt"}}
///
/// Relative paths in it are relative to `folder`, or to the working directory without one.
/// Errors: ValueError as above.
std::shared_ptr<Layer> build_model(const Json& model, const std::filesystem::path& folder = {});

}  // namespace assay::training::layers
