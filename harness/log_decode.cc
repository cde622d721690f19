// From bytes to an episode's log, strictly, and as far as it goes.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "harness/json_fields.h"
#include "harness/log.h"
#include "harness/log_format.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

// Every read asks first whether the bytes are there.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& where) : rest_(bytes), where_(where) {}

  template <class T>
  T Number(const char* what) {
    T value{};
    std::memcpy(&value, Need(sizeof value, what), sizeof value);
    return value;
  }
  std::string Text(const char* what) {
    const auto size = Number<std::uint64_t>(what);
    if (size > rest_.size()) Fail(fmt::format("{} of {} bytes", what, size), fmt::format("{} bytes", rest_.size()));
    const auto* data = reinterpret_cast<const char*>(Need(static_cast<std::size_t>(size), what));
    return std::string(data, static_cast<std::size_t>(size));
  }
  // Where there are too few bytes, `values` gets the whole rows that are there.
  template <class T>
  void Array(std::uint64_t rows, std::uint64_t columns, const char* what, std::vector<T>& values) {
    // rows and columns come from u32 fields, so their product cannot overflow; times sizeof(T) it might.
    const std::uint64_t count = rows * columns;
    const std::uint64_t there = rest_.size() / sizeof(T);
    values.resize(static_cast<std::size_t>(count <= there ? count : there - there % columns));
    const std::size_t size = values.size() * sizeof(T);
    if (size > 0) std::memcpy(values.data(), rest_.data(), size);
    if (count > there) {
      Fail(fmt::format("{} of {} x {} numbers", what, rows, columns), fmt::format("{} bytes", rest_.size()));
    }
    Need(size, what);
  }
  int Count(const char* what) {
    const auto count = Number<std::uint32_t>(what);
    if (count > static_cast<std::uint32_t>(std::numeric_limits<int>::max())) {
      Fail(fmt::format("{} below 2^31", what), std::to_string(count));
    }
    return static_cast<int>(count);
  }
  bool Done() const { return rest_.empty(); }
  [[noreturn]] void Fail(const std::string& expected, const std::string& found) const {
    throw InputError(fmt::format("{}: expected {}, found {}", where_, expected, found));
  }

 private:
  const std::byte* Need(std::size_t count, const char* what) {
    if (count > rest_.size()) {
      Fail(fmt::format("{} more bytes for {}", count, what), fmt::format("{} bytes", rest_.size()));
    }
    const std::byte* data = rest_.data();
    rest_ = rest_.subspan(count);
    return data;
  }

  std::span<const std::byte> rest_;
  const std::string& where_;
};

LoggedIntervention ReadIntervention(const EpisodeLog& log, Reader& in) {
  LoggedIntervention change;
  change.step = in.Number<std::int32_t>("intervention step");
  if (change.step < 0 || change.step > log.Steps()) {
    in.Fail(fmt::format("an intervention at step 0 to {}", log.Steps()), std::to_string(change.step));
  }
  const auto what = in.Number<std::uint8_t>("intervention kind");
  if (what < 1 || what > 2) in.Fail("intervention kind 1 or 2", std::to_string(what));
  change.kind = what == 1 ? InterventionKind::kObject : InterventionKind::kInstruction;
  change.instruction = in.Text("intervention instruction");
  change.target = in.Text("intervention target");
  change.destination = in.Text("intervention destination");
  in.Array(1, static_cast<std::uint64_t>(log.state_size), "intervention state", change.state);
  return change;
}

void ReadPlaces(Reader& in, ReasoningEntry& entry) {
  const int places = in.Count("places");
  for (int i = 0; i < places; ++i) {
    const std::string camera = in.Text("camera of a place");
    const auto u = in.Number<float>("place");
    entry.pixels[camera] = {u, in.Number<float>("place")};
  }
  if (places > 0) entry.location_error = in.Number<float>("location error");
}

constexpr bool IsKnown(std::uint32_t version) { return version >= kLogVersion && version <= kLogVersionCompact; }

std::span<const std::byte> Body(std::span<const std::byte> bytes) {
  return bytes.first(bytes.size() - std::min(bytes.size(), kLogHashBytes));
}

// Empty when the hash at the end is that of the bytes before it.
std::string HashProblem(std::span<const std::byte> bytes) {
  const auto body = Body(bytes);
  const std::string stored(reinterpret_cast<const char*>(bytes.data()) + body.size(), bytes.size() - body.size());
  const std::string computed = HashHex(body.data(), body.size());
  if (stored == computed) return {};
  return fmt::format("expected the hash {} at its end, found another: truncated or damaged", computed);
}

bool HasMagic(std::span<const std::byte> bytes) {
  return bytes.size() >= kLogMagic.size() && std::memcmp(bytes.data(), kLogMagic.data(), kLogMagic.size()) == 0;
}

// Fills `log` as far as it gets, then throws. `version` was read.
void DecodeBody(Reader& in, std::uint32_t version, EpisodeLog& log) {
  log.key.task = in.Text("task");
  log.key.axis = in.Text("axis");
  log.key.level = in.Number<std::int32_t>("level");
  log.key.index = in.Number<std::int32_t>("index");
  log.seed = in.Number<std::uint64_t>("seed");
  log.robot = in.Text("robot");
  log.instruction = in.Text("instruction");
  const auto kind = in.Number<std::uint32_t>("action kind");
  if (kind > 1) in.Fail("action kind 0 or 1", std::to_string(kind));
  log.action_kind = kind == 0 ? ActionKind::kJointPosition : ActionKind::kEndEffectorPose;
  const int steps = in.Count("steps");
  log.action_dim = in.Count("action size");
  if (steps > 0 && log.action_dim == 0) in.Fail("actions of at least one number", "none");
  const auto wide = [](int count) { return static_cast<std::uint64_t>(count); };
  in.Array(wide(steps), wide(log.action_dim), "actions", log.actions);
  const int rows = in.Count("states");
  if (rows != steps + 1) in.Fail(fmt::format("{} states", steps + 1), std::to_string(rows));
  log.state_size = in.Count("state size");
  if (version == kLogVersionCompact) {
    in.Array(wide(rows), 1, "hashes of states", log.state_hashes);
  } else {
    in.Array(wide(rows), wide(log.state_size), "states", log.states);
  }
  const int queries = in.Count("queries");
  for (int i = 0; i < queries; ++i) {
    ReasoningEntry entry;
    entry.step = in.Number<std::int32_t>("query step");
    entry.correct = in.Number<std::uint8_t>("query correct") != 0;
    entry.faithful = in.Number<std::uint8_t>("query faithful") != 0;
    entry.said = in.Text("reasoning");
    entry.grounded = in.Text("grounded reasoning");
    entry.truth = in.Text("true reasoning");
    const int phrases = in.Count("required phrases");
    for (int k = 0; k < phrases; ++k) entry.required.push_back(in.Text("required phrase"));
    log.reasoning.push_back(std::move(entry));
  }
  const int masks = in.Count("label mask");
  if (masks != 0 && masks != steps) in.Fail(fmt::format("0 or {} mask entries", steps), std::to_string(masks));
  in.Array(wide(masks), 1, "label mask", log.label_valid);
  const int labels = in.Count("labels");
  if (labels != 0 && labels != steps) in.Fail(fmt::format("0 or {} labels", steps), std::to_string(labels));
  in.Array(wide(labels), wide(log.action_dim), "labels", log.labels);
  bool intervened = version == kLogVersionWithIntervention;
  if (version >= kLogVersionWithPlaces) {
    const auto flag = in.Number<std::uint8_t>("intervention");
    if (flag > 1) in.Fail("intervention 0 or 1", std::to_string(flag));
    intervened = flag == 1;
  }
  if (intervened) log.intervention = ReadIntervention(log, in);
  if (version >= kLogVersionWithPlaces) {
    for (ReasoningEntry& entry : log.reasoning) ReadPlaces(in, entry);
  }
  if (!in.Done()) in.Fail("the end of the log", "more bytes");
}

}  // namespace

EpisodeLog DecodeLog(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < kLogMagic.size() + kLogHashBytes || !HasMagic(bytes)) {
    throw InputError(fmt::format("{}: expected an episode log (DIVLALOG), found {} other bytes", where, bytes.size()));
  }
  if (const std::string problem = HashProblem(bytes); !problem.empty()) {
    throw InputError(fmt::format("{}: {}", where, problem));
  }
  Reader in(Body(bytes).subspan(kLogMagic.size()), where);
  const auto version = in.Number<std::uint32_t>("version");
  if (!IsKnown(version)) {
    in.Fail(fmt::format("log version {} to {}", kLogVersion, kLogVersionCompact), std::to_string(version));
  }
  EpisodeLog log;
  DecodeBody(in, version, log);
  return log;
}

SalvagedLog SalvageLog(std::span<const std::byte> bytes, const std::string& where) {
  SalvagedLog salvaged;
  salvaged.damage = HashProblem(bytes);
  try {
    if (!HasMagic(bytes)) salvaged.damage = "expected an episode log (DIVLALOG) at its beginning, found other bytes";
    Reader in(Body(bytes).subspan(std::min(Body(bytes).size(), kLogMagic.size())), where);
    const auto version = in.Number<std::uint32_t>("version");
    if (!IsKnown(version)) salvaged.damage = fmt::format("expected a known log version, found {}", version);
    DecodeBody(in, IsKnown(version) ? version : kLogVersion, salvaged.log);
  } catch (const InputError& error) {
    const std::string text = error.what();
    if (!salvaged.damage.empty()) salvaged.damage += "; ";
    salvaged.damage += "read up to the place where it " + text.substr(text.find(where) == 0 ? where.size() + 2 : 0);
  }
  return salvaged;
}

EpisodeLog ReadLog(const std::filesystem::path& file) {
  const std::string text = ReadTextFile(file);
  return DecodeLog(std::as_bytes(std::span(text)), "file " + file.string());
}

}  // namespace divla
