// SPDX-License-Identifier: Apache-2.0
// Metrics over the data of all processes.
#pragma once
#include <assay/distributed/group.h>
#include <assay/distributed/named_bytes.h>
#include <assay/metrics/collection.h>
#include <assay/metrics/metric.h>

#include <memory>
#include <vector>

namespace assay::distributed {

/// A collection that has seen what the collections of all processes have seen.
///
///     auto all = distributed::synchronized(collection, *group);
///     all.results();                                 // the same on every process, to the last bit
///
/// The states are merged in the order of ranks, as `merge_state` does, on every process; the
/// collection itself stays as it is, and goes on with its own data. Counts are those of one process
/// on all data, to the last bit; sums are to their rounding. A process that has seen nothing, or
/// has no state yet, adds nothing. The result is on the collection's device.
///
/// It is one collective (`Group::all_gather`), whatever the number of metrics. The first time it is
/// two where states that are made from data are larger than what is sent anyway: a power of two
/// from 16 KiB on, with at least 4 KiB to spare.
/// Errors: ValueError that names the rank where one has other metrics, or states of other shapes;
/// those of `Group`.
metrics::MetricCollection synchronized(const metrics::MetricCollection& collection, Group& group);

/// The same of one metric.
std::shared_ptr<metrics::Metric> synchronized(const metrics::Metric& metric, Group& group);

/// Errors: ValueError that names the tensor and two ranks where a tensor of one name differs
/// between processes in shape or dtype. A process may lack some.
void check_alike(const std::vector<NamedTensors>& all);

/// Named tensors of all processes in the order of ranks; one collective where no process has many
/// more bytes than `alike`, tensors whose shapes all processes have alike.
std::vector<NamedTensors> all_gather(const NamedTensors& tensors, const NamedTensors& alike,
                                     Group& group, const std::string& what);

}  // namespace assay::distributed
