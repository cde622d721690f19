// From an episode's log to bytes.
#include <algorithm>

#include "harness/log.h"
#include "harness/log_format.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

class Writer {
 public:
  template <class T>
  void Number(T value) {
    Bytes(&value, sizeof value);
  }
  void Text(const std::string& text) {
    Number<std::uint64_t>(text.size());
    Bytes(text.data(), text.size());
  }
  template <class T>
  void Array(const std::vector<T>& values) {
    Bytes(values.data(), values.size() * sizeof(T));
  }
  void Bytes(const void* data, std::size_t count) {
    const auto* first = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), first, first + count);
  }
  std::vector<std::byte> Take() {
    const std::string hash = HashHex(bytes_.data(), bytes_.size());
    Bytes(hash.data(), hash.size());
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
};

std::uint32_t Size(std::size_t size) { return static_cast<std::uint32_t>(size); }

bool HasPlaces(const EpisodeLog& log) {
  return std::any_of(log.reasoning.begin(), log.reasoning.end(),
                     [](const ReasoningEntry& entry) { return !entry.pixels.empty(); });
}

void WriteIntervention(const EpisodeLog& log, Writer& out) {
  const LoggedIntervention& change = *log.intervention;
  DIVLA_CHECK(change.state.size() == static_cast<std::size_t>(log.state_size),
              "the state after an intervention is one");
  out.Number<std::int32_t>(change.step);
  out.Number<std::uint8_t>(change.kind == InterventionKind::kObject ? 1 : 2);
  out.Text(change.instruction);
  out.Text(change.target);
  out.Text(change.destination);
  out.Array(change.state);
}

void WritePlaces(const ReasoningEntry& entry, Writer& out) {
  DIVLA_CHECK(entry.pixels.empty() != entry.location_error.has_value(), "places come with their error");
  out.Number(Size(entry.pixels.size()));
  for (const auto& [camera, at] : entry.pixels) {
    out.Text(camera);
    out.Number(at[0]);
    out.Number(at[1]);
  }
  if (entry.location_error) out.Number(*entry.location_error);
}

}  // namespace

std::uint64_t StateHash(std::span<const double> state) {
  return std::stoull(HashHex(state.data(), state.size_bytes()).substr(0, 16), nullptr, 16);
}

EpisodeLog Compact(EpisodeLog log) {
  for (int row = 0; row <= log.Steps(); ++row) log.state_hashes.push_back(StateHash(log.State(row)));
  log.states.clear();
  return log;
}

std::vector<std::byte> EncodeLog(const EpisodeLog& log) {
  const auto steps = static_cast<std::size_t>(log.Steps());
  DIVLA_CHECK(log.actions.size() == steps * static_cast<std::size_t>(log.action_dim), "actions are not whole rows");
  const bool compact = !log.state_hashes.empty();
  DIVLA_CHECK(compact ? log.states.empty() && log.state_hashes.size() == steps + 1
                      : log.states.size() == (steps + 1) * static_cast<std::size_t>(log.state_size),
              "one state per step and one before");
  DIVLA_CHECK(log.label_valid.empty() || log.label_valid.size() == steps, "one mask entry per step");
  DIVLA_CHECK(log.labels.empty() || log.labels.size() == log.actions.size(), "one label per action");
  Writer out;
  out.Bytes(kLogMagic.data(), kLogMagic.size());
  const bool places = compact || HasPlaces(log);
  out.Number(compact            ? kLogVersionCompact
             : places           ? kLogVersionWithPlaces
             : log.intervention ? kLogVersionWithIntervention
                                : kLogVersion);
  out.Text(log.key.task);
  out.Text(log.key.axis);
  out.Number<std::int32_t>(log.key.level);
  out.Number<std::int32_t>(log.key.index);
  out.Number<std::uint64_t>(log.seed);
  out.Text(log.robot);
  out.Text(log.instruction);
  out.Number<std::uint32_t>(log.action_kind == ActionKind::kJointPosition ? 0 : 1);
  out.Number(Size(steps));
  out.Number(static_cast<std::uint32_t>(log.action_dim));
  out.Array(log.actions);
  out.Number(Size(steps + 1));
  out.Number(static_cast<std::uint32_t>(log.state_size));
  if (compact) {
    out.Array(log.state_hashes);
  } else {
    out.Array(log.states);
  }
  out.Number(Size(log.reasoning.size()));
  for (const ReasoningEntry& entry : log.reasoning) {
    out.Number<std::int32_t>(entry.step);
    out.Number<std::uint8_t>(entry.correct ? 1 : 0);
    out.Number<std::uint8_t>(entry.faithful ? 1 : 0);
    out.Text(entry.said);
    out.Text(entry.grounded);
    out.Text(entry.truth);
    out.Number(Size(entry.required.size()));
    for (const std::string& phrase : entry.required) out.Text(phrase);
  }
  out.Number(Size(log.label_valid.size()));
  out.Array(log.label_valid);
  out.Number(Size(log.labels.empty() ? 0 : steps));
  out.Array(log.labels);
  if (places) out.Number<std::uint8_t>(log.intervention ? 1 : 0);
  if (log.intervention) WriteIntervention(log, out);
  if (places) {
    for (const ReasoningEntry& entry : log.reasoning) WritePlaces(entry, out);
  }
  return out.Take();
}

}  // namespace divla
