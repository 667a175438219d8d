// SPDX-License-Identifier: Apache-2.0
#include <assay/distributed/peer_watch.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace assay::distributed {
namespace {

constexpr auto kBeat = std::chrono::seconds(1);
// After so many beats a process that lives has shown it, on a busy machine too.
constexpr int kBeatsToJudge = 3;
// A store that takes longer than this to answer hangs.
constexpr auto kPatience = std::chrono::seconds(2);
// As long as all who live need to read a finding, which they look for at each beat.
constexpr auto kFarewell = 2 * kBeat;
constexpr auto kFinding = "finding";

/// What a process says of itself.
struct Sign {
  std::int64_t beat = 0;
  std::int64_t number = 0;
  std::string what;  // empty: it is in no operation
};

std::string to_text(const Sign& sign) {
  return std::to_string(sign.beat) + " " + std::to_string(sign.number) + " " + sign.what;
}

Sign sign_from(const std::string& text) {
  std::istringstream in(text);
  Sign sign;
  in >> sign.beat >> sign.number;
  in.get();
  std::getline(in, sign.what);
  return sign;
}

std::string place_of(const Sign& sign) {
  const auto number = std::to_string(sign.number);
  return sign.what.empty() ? "after operation " + number
                           : "in '" + sign.what + "' (operation " + number + ")";
}

std::string status_name(std::int64_t rank) { return "status/" + std::to_string(rank); }

// The answer to a question, or nothing where it fails or takes too long. It is asked on another
// thread: where the process that keeps the store hangs, so does every question.
std::optional<std::string> within(std::chrono::milliseconds time,
                                  std::function<std::string()> question) {
  auto promise = std::make_shared<std::promise<std::string>>();
  auto answer = promise->get_future();
  std::thread([promise, question = std::move(question)] {
    try {
      promise->set_value(question());
    } catch (const std::exception&) {
      promise->set_exception(std::current_exception());
    }
  }).detach();
  if (answer.wait_for(time) != std::future_status::ready) return std::nullopt;
  try {
    return answer.get();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : "; ") + item; }

}  // namespace

struct [[gnu::visibility("hidden")]] PeerWatch::State {
  std::shared_ptr<Communicator> communicator;
  Environment environment;
  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool ending = false;
  bool ended = false;
  Sign own = {};
  std::string known = {};  // the finding, as soon as the store has one

  void run();
  void look_for_finding();
  std::string known_finding() {
    const std::lock_guard lock(mutex);
    return known;
  }
  Sign current() {
    const std::lock_guard lock(mutex);
    return own;
  }
  std::vector<std::optional<Sign>> signs() const;
  std::string finding();
  std::string known_or_found();
  void report(const std::string& finding) const;
};

void PeerWatch::State::run() {
  std::unique_lock lock(mutex);
  while (!ending) {
    ++own.beat;
    const auto text = to_text(own);
    lock.unlock();
    try {
      communicator->publish(status_name(environment.rank), text);
      look_for_finding();
    } catch (const std::exception&) {
      // The store went with the process that kept it; the collectives tell.
    }
    lock.lock();
    changed.wait_for(lock, kBeat, [this] { return ending; });
  }
  ended = true;
  changed.notify_all();
}

void PeerWatch::State::look_for_finding() {
  const auto found = communicator->published(kFinding);
  if (!found) return;
  const std::lock_guard lock(mutex);
  known = *found;
}

std::vector<std::optional<Sign>> PeerWatch::State::signs() const {
  std::vector<std::optional<Sign>> signs;
  for (std::int64_t rank = 0; rank < environment.world_size; ++rank) {
    const auto text = communicator->published(status_name(rank));
    signs.push_back(text ? std::optional(sign_from(*text)) : std::nullopt);
  }
  return signs;
}

std::string PeerWatch::State::finding() {
  const auto before = signs();
  std::this_thread::sleep_for(kBeatsToJudge * kBeat);
  const auto after = signs();
  const auto here = current();
  std::string silent;
  std::string late;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (std::cmp_equal(i, environment.rank)) continue;
    const auto name = "rank " + std::to_string(i);
    const auto& sign = after[i];
    if (!sign) {
      add(silent, name + " never gave a sign");
    } else if (before[i] && before[i]->beat == sign->beat) {
      add(silent, name + " no longer answers, last seen " + place_of(*sign));
    } else if (sign->number < here.number) {
      add(late, name + " has not come to it, it is " + place_of(*sign));
    }
  }
  // Who waits for a dead process is late without fault.
  return silent.empty() ? late : silent;
}

std::string PeerWatch::State::known_or_found() {
  if (const auto known = known_finding(); !known.empty()) return known;
  look_for_finding();
  if (const auto theirs = known_finding(); !theirs.empty()) return theirs;
  const auto found = finding();
  report(found);
  look_for_finding();
  return known_finding();
}

void PeerWatch::State::report(const std::string& finding) const {
  if (!finding.empty() && !communicator->published(kFinding)) {
    communicator->publish(kFinding, finding);
  }
}

PeerWatch::PeerWatch(std::shared_ptr<Communicator> communicator, const Environment& environment)
    : state_(new State{.communicator = std::move(communicator), .environment = environment}),
      thread_([state = state_] { state->run(); }) {}

PeerWatch::~PeerWatch() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  const bool ended = state_->changed.wait_for(lock, kPatience, [this] { return state_->ended; });
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void PeerWatch::enter(const std::string& what, std::int64_t number) {
  const std::lock_guard lock(state_->mutex);
  state_->own.what = what;
  state_->own.number = number;
}

void PeerWatch::leave() {
  const std::lock_guard lock(state_->mutex);
  state_->own.what.clear();
}

std::string PeerWatch::blame() const {
  const auto answer = within(kBeatsToJudge * kBeat + kPatience,
                             [state = state_] { return state->known_or_found(); });
  stay_for_others();
  if (answer) return *answer;
  if (const auto known = state_->known_finding(); !known.empty()) return known;
  return state_->environment.agent_store ? "the launcher, which keeps the store, no longer answers"
                                         : "rank 0, which keeps the store, no longer answers";
}

void PeerWatch::report(const std::string& finding) const {
  if (!state_->known_finding().empty()) return;
  within(kPatience, [state = state_, finding] {
    state->report(finding);
    return finding;
  });
  stay_for_others();
}

void PeerWatch::stay_for_others() const {
  const auto& environment = state_->environment;
  if (environment.rank == 0 && !environment.agent_store) std::this_thread::sleep_for(kFarewell);
}

}  // namespace assay::distributed
