// SPDX-License-Identifier: Apache-2.0
#include "peers.h"

#include <cmath>
#include <map>

namespace assay::benchmarks {
namespace {

namespace F = torch::nn::functional;

using Peer = at::Tensor (*)(const Inputs& in, const Workload& w);

struct Peers {
  Peer libtorch = nullptr;
  Peer composed = nullptr;
};

at::Tensor cross_entropy(const Inputs& in, const Workload& w) {
  const auto scores = w.option("from_logits", false) ? in.y_pred : in.y_pred.log();
  auto options = F::CrossEntropyFuncOptions().label_smoothing(w.option("label_smoothing", 0.0));
  // Its own mean counts the rows that are kept in bfloat16, where counting stops at 256: of 4096
  // rows, half of them ignored, it gives 1.02 for 5.12. The user has to divide.
  const auto miscounts = w.dtype == at::kBFloat16 && w.assay.at("config").contains("ignore_class");
  if (!in.sample_weight.defined() && !miscounts) {
    return F::cross_entropy(scores, in.y_true, options);
  }
  const auto values = F::cross_entropy(scores, in.y_true, options.reduction(torch::kNone));
  if (miscounts) return (values.sum(at::kFloat) / in.y_true.ge(0).sum()).to(w.dtype);
  return (values * in.sample_weight).mean().to(w.dtype);
}

// The logarithm of the sum less the label's score: no softmax is stored, and of probabilities only
// the labels' are taken the logarithm of.
at::Tensor sum_and_gather(const Inputs& in, const Workload& w) {
  const auto logits = w.option("from_logits", false);
  const auto& x = in.y_pred;
  const auto keep = in.y_true.ge(0);
  const auto ignoring = w.assay.at("config").contains("ignore_class");
  const auto labels = ignoring ? at::where(keep, in.y_true, 0) : in.y_true;

  const auto picked = x.gather(1, labels.unsqueeze(1)).squeeze(1);
  const auto smoothing = w.option("label_smoothing", 0.0);
  auto wanted = logits ? picked : picked.log();
  if (smoothing > 0) {
    const auto all = logits ? x.mean(1) : x.log().mean(1);
    wanted = (1 - smoothing) * wanted + smoothing * all;
  }
  const auto values = (logits ? x.logsumexp(1) : x.sum(1).log()) - wanted;
  if (ignoring) return at::where(keep, values, 0).sum() / keep.sum();
  return (in.sample_weight.defined() ? values * in.sample_weight : values).mean();
}

at::Tensor dense_cross_entropy(const Inputs& in, const Workload& w) {
  const auto smoothing = w.option("label_smoothing", 0.0);
  const auto targets =
      smoothing > 0 ? in.y_true * (1 - smoothing) + smoothing / static_cast<double>(w.shape.back())
                    : in.y_true;
  const auto log_p = w.option("from_logits", false)
                         ? in.y_pred.log_softmax(-1)
                         : (in.y_pred / in.y_pred.sum(-1, true)).clamp(1e-7, 1 - 1e-7).log();
  return -(targets * log_p).sum(-1).mean();
}

at::Tensor binary_cross_entropy(const Inputs& in, const Workload& w) {
  return w.option("from_logits", false) ? F::binary_cross_entropy_with_logits(in.y_pred, in.y_true)
                                        : F::binary_cross_entropy(in.y_pred, in.y_true);
}

at::Tensor binary_cross_entropy_values(const Inputs& in, const Workload& w) {
  const auto& t = in.y_true;
  const auto& x = in.y_pred;
  if (w.option("from_logits", false)) return at::softplus(x) - x * t;
  const auto p = x.clamp(1e-7, 1 - 1e-7);
  return -(t * p.log() + (1 - t) * at::log1p(-p));
}

at::Tensor composed_binary_cross_entropy(const Inputs& in, const Workload& w) {
  return binary_cross_entropy_values(in, w).mean();
}

// As torchvision's sigmoid_focal_loss.
at::Tensor focal(const Inputs& in, const Workload& w) {
  const auto logits = w.option("from_logits", false);
  const auto cost =
      logits ? F::binary_cross_entropy_with_logits(
                   in.y_pred, in.y_true,
                   F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone))
             : F::binary_cross_entropy(in.y_pred, in.y_true,
                                       F::BinaryCrossEntropyFuncOptions().reduction(torch::kNone));
  const auto p = logits ? in.y_pred.sigmoid() : in.y_pred;
  const auto right = p * in.y_true + (1 - p) * (1 - in.y_true);
  return (cost * (1 - right).square()).mean();
}

at::Tensor mse(const Inputs& in, const Workload&) { return F::mse_loss(in.y_pred, in.y_true); }
at::Tensor mae(const Inputs& in, const Workload&) { return F::l1_loss(in.y_pred, in.y_true); }
at::Tensor huber(const Inputs& in, const Workload&) { return F::huber_loss(in.y_pred, in.y_true); }

at::Tensor composed_mse(const Inputs& in, const Workload&) {
  return (in.y_pred - in.y_true).square().mean();
}

at::Tensor composed_mae(const Inputs& in, const Workload&) {
  return (in.y_pred - in.y_true).abs().mean();
}

at::Tensor composed_huber(const Inputs& in, const Workload&) {
  const auto error = (in.y_pred - in.y_true).abs();
  return at::where(error.le(1), 0.5 * error.square(), error - 0.5).mean();
}

at::Tensor log_cosh(const Inputs& in, const Workload&) {
  const auto error = in.y_pred - in.y_true;
  return (error + at::softplus(-2 * error) - std::log(2.0)).mean();
}

at::Tensor cosine(const Inputs& in, const Workload&) {
  return -F::cosine_similarity(in.y_true, in.y_pred).mean();
}

at::Tensor composed_cosine(const Inputs& in, const Workload&) {
  const auto dot = (in.y_true * in.y_pred).sum(-1);
  return -(dot / (in.y_true.norm(2, -1) * in.y_pred.norm(2, -1))).mean();
}

at::Tensor kl_divergence(const Inputs& in, const Workload&) {
  return F::kl_div(in.y_pred.log(), in.y_true, F::KLDivFuncOptions().reduction(torch::kBatchMean));
}

at::Tensor composed_kl_divergence(const Inputs& in, const Workload&) {
  return (in.y_true * (in.y_true / in.y_pred).log()).sum(-1).mean();
}

at::Tensor dice(const Inputs& in, const Workload&) {
  const auto both = (in.y_true * in.y_pred).sum();
  return 1 - 2 * both / (in.y_true.sum() + in.y_pred.sum() + 1e-7);
}

at::Tensor tversky(const Inputs& in, const Workload& w) {
  const auto both = (in.y_true * in.y_pred).sum();
  const auto missed = in.y_true.sum() - both;
  const auto claimed = in.y_pred.sum() - both;
  return 1 -
         both / (both + w.option("alpha", 0.5) * missed + w.option("beta", 0.5) * claimed + 1e-7);
}

at::Tensor ctc(const Inputs& in, const Workload& w) {
  const auto steps = at::full({w.shape[0]}, w.shape[1], at::kLong);
  const auto lengths = at::full({w.shape[0]}, in.y_true.size(1), at::kLong);
  return F::ctc_loss(in.y_pred.log_softmax(-1).transpose(0, 1), in.y_true, steps, lengths,
                     F::CTCLossFuncOptions().reduction(torch::kNone))
      .mean();
}

const std::map<std::string, Peers> kPeers = {
    {"SparseCategoricalCrossentropy", {cross_entropy, sum_and_gather}},
    {"CategoricalCrossentropy", {cross_entropy, dense_cross_entropy}},
    {"BinaryCrossentropy", {binary_cross_entropy, composed_binary_cross_entropy}},
    {"BinaryFocalCrossentropy", {nullptr, focal}},
    {"MeanSquaredError", {mse, composed_mse}},
    {"MeanAbsoluteError", {mae, composed_mae}},
    {"Huber", {huber, composed_huber}},
    {"LogCosh", {nullptr, log_cosh}},
    {"CosineSimilarity", {cosine, composed_cosine}},
    {"KLDivergence", {kl_divergence, composed_kl_divergence}},
    {"Dice", {nullptr, dice}},
    {"Tversky", {nullptr, tversky}},
    {"CTC", {ctc, nullptr}},
};

}  // namespace

std::vector<std::pair<std::string, LossFunction>> loss_peers(const Workload& workload) {
  const auto& peers = kPeers.at(workload.class_name());
  std::vector<std::pair<std::string, LossFunction>> result;
  for (const auto& [name, peer] :
       {std::pair("libtorch", peers.libtorch), std::pair("composed", peers.composed)}) {
    if (!peer) continue;
    result.emplace_back(
        name, [function = peer, &workload](const Inputs& in) { return function(in, workload); });
  }
  return result;
}

}  // namespace assay::benchmarks
