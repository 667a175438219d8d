// SPDX-License-Identifier: Apache-2.0
// What TensorBoard shows: numbers, texts, histograms, images, hyperparameters.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>
#include <assay/training/tensorboard/protobuf.h>

#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training::tensorboard {

/// A number.
Message scalar(const std::string& tag, double value);

/// Markdown.
Message text(const std::string& tag, const std::string& markdown);

/// The values of a tensor in 30 bins of equal width between the smallest and the largest; those
/// that are not finite are left out.
Message histogram(const std::string& tag, const at::Tensor& values);

/// Images, uint8 [images, height, width, channels]; of more than three the first three, as Keras's.
/// Errors: ValueError as those of `png`.
/// Source: tensorboard.plugins.image.summary_v2.
Message images(const std::string& tag, const at::Tensor& pixels);

/// A metric that hyperparameters are judged by: its folder under the session's, and its tag.
using MetricTag = std::pair<std::string, std::string>;

///@{
/// The hyperparameters plugin: one session with values that are numbers, texts or booleans, and
/// the metrics that it is judged by.
/// Source: tensorboard/plugins/hparams/{api,plugin_data}.proto.
Message hyperparameters_experiment(const Json& values, const std::vector<MetricTag>& metrics);
Message hyperparameters_start(const Json& values, const std::string& session);
Message hyperparameters_end();
///@}

/// Nested JSON as one level: {"fit": {"epochs": 3}} becomes {"fit.epochs": 3}; lists count from 0,
/// null is left out.
Json flattened(const Json& nested);

}  // namespace assay::training::tensorboard
#pragma GCC visibility pop
