// SPDX-License-Identifier: Apache-2.0
// One list of fields describes an options struct; everything else about a configuration follows.
//
//   struct HuberOptions {
//     static constexpr auto class_name = "Huber";
//     double delta = 1.0;
//     std::string name = "huber_loss";
//     static constexpr auto fields() {
//       return assay::fields(
//           field("delta", &HuberOptions::delta, "Error where the loss turns linear.", positive),
//           field("name", &HuberOptions::name, "Label in logs."));
//     }
//   };
//
// From the list come the JSON both ways, errors for unknown keys (with the nearest known one),
// wrong types (with the JSON path) and values out of range, `assay describe`, the JSON Schema, and
// the members' comments in the reference (docs/header_comments.py).
// A member without its line is a build error. This header holds the list alone; config.h reads it.
#pragma once

#include <cmath>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace assay {

/// What a value must satisfy; `rule` completes "must be ...".
template <class T>
struct Constraint {
  bool (*holds)(const T&);  ///< Null: every value is right.
  const char* rule;         ///< Null where `holds` is.
};

///@{
/// What many options must be; the text is the one in errors.
inline constexpr Constraint<double> positive{
    [](const double& x) { return x > 0 && std::isfinite(x); }, "a number greater than 0"};
inline constexpr Constraint<double> not_negative{
    [](const double& x) { return x >= 0 && std::isfinite(x); }, "a number of at least 0"};
inline constexpr Constraint<double> in_unit_interval{
    [](const double& x) { return x >= 0 && x <= 1; }, "a number in [0, 1]"};
inline constexpr Constraint<double> positive_up_to_one{
    [](const double& x) { return x > 0 && x <= 1; }, "a number greater than 0, at most 1"};
inline constexpr Constraint<double> finite{[](const double& x) { return std::isfinite(x); },
                                           "a finite number"};
inline constexpr Constraint<std::int64_t> at_least_one{[](const std::int64_t& x) { return x >= 1; },
                                                       "an integer of at least 1"};
inline constexpr Constraint<std::int64_t> at_least_two{[](const std::int64_t& x) { return x >= 2; },
                                                       "an integer of at least 2"};
///@}

/// Where a field stands with respect to the Keras class of the same name.
enum class Origin {
  kKeras,  ///< Keras's get_config has it: always written.
  kAssay,  ///< Keras lacks it: written only where it differs from its default.
};

/// One line of a field list.
template <class Options, class T>
struct FieldSpec {
  const char* name;                ///< The key in configurations.
  T Options::*member;              ///< Where the value is.
  const char* doc;                 ///< What the option means, in a sentence.
  Constraint<T> constraint{};      ///< What the value must be, besides its type.
  Origin origin = Origin::kKeras;  ///< Whether Keras has it.

  /// The same field, of assay's own.
  constexpr FieldSpec beyond_keras() const {
    auto copy = *this;
    copy.origin = Origin::kAssay;
    return copy;
  }
};

/// One line of a field list: the key, the member, what it means, and what it must be.
template <class Options, class T>
constexpr FieldSpec<Options, T> field(const char* name, T Options::*member, const char* doc,
                                      std::type_identity_t<Constraint<T>> constraint = {}) {
  return {name, member, doc, constraint};
}

namespace detail {

template <class T>
constexpr auto as_tuple(const T& spec) {
  return std::make_tuple(spec);
}
template <class... T>
constexpr auto as_tuple(const std::tuple<T...>& specs) {
  return specs;
}

struct AnyMember {
  template <class T>
  operator T&() const&;
  template <class T>
  operator T&&() const&&;
};

template <class Options, std::size_t... I>
constexpr bool takes_members(std::index_sequence<I...>) {
  return requires { Options{(static_cast<void>(I), AnyMember{})...}; };
}

template <class Options, std::size_t N = 0>
constexpr std::size_t member_count() {
  if constexpr (takes_members<Options>(std::make_index_sequence<N + 1>{})) {
    return member_count<Options, N + 1>();
  } else {
    return N;
  }
}

}  // namespace detail

/// The field list: specs, and tuples of specs such as `loss_fields<Options>()`.
template <class... Specs>
constexpr auto fields(const Specs&... specs) {
  return std::tuple_cat(detail::as_tuple(specs)...);
}

}  // namespace assay
