#include "harness/report/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/report/png.h"
#include "sim/check.h"

namespace divla {

namespace {

// All pictures of a page together: past this, each is shown at half its size, so that a page of a large run still
// opens.
constexpr std::size_t kFrameBudget = 24'000'000;  // bytes of PNG

std::vector<std::byte> ReadFrame(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {};
  const std::vector<char> text{std::istreambuf_iterator<char>(stream), {}};
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  // The signature decides: what is embedded in a page as image/png must at least claim to be one.
  constexpr char kSignature[] = "\x89PNG\r\n\x1a\n";
  if (text.size() < 8 || !std::equal(kSignature, kSignature + 8, text.begin())) {
    throw InputError(fmt::format("{}: expected a PNG picture, found {} other bytes", file.string(), text.size()));
  }
  return bytes;
}

void HalveFrame(std::vector<std::byte>& frame, const std::filesystem::path& file) {
  if (!frame.empty()) frame = EncodePng(HalfSize(DecodePng(frame, file.string())));
}

}  // namespace

std::vector<ReasoningSpan> JoinReasoning(const std::vector<ReasoningEntry>& entries, int steps) {
  const bool reasons =
      std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return !entry.said.empty(); });
  if (!reasons) return {};
  std::vector<ReasoningSpan> spans;
  for (const ReasoningEntry& entry : entries) {
    if (!spans.empty()) {
      ReasoningSpan& last = spans.back();
      const bool same_judgement = last.correct == entry.correct && (entry.correct || last.truth == entry.truth);
      if (last.said == entry.said && same_judgement) {
        ++last.queries;
        continue;
      }
      last.last_step = std::max(last.first_step, entry.step - 1);
    }
    spans.push_back({.first_step = entry.step,
                     .last_step = entry.step,
                     .queries = 1,
                     .correct = entry.correct,
                     .said = entry.said,
                     .truth = entry.truth});
  }
  spans.back().last_step = std::max(spans.back().first_step, steps - 1);
  return spans;
}

ReportData LoadReportData(const std::filesystem::path& run, const RunInfo& info,
                          const std::vector<EpisodeRecord>& records, const RunSummary& summary) {
  ReportData data{.info = info, .summary = summary, .episodes = {}};
  std::size_t frame_bytes = 0;
  for (const EpisodeRecord& record : records) {
    EpisodeView view{.record = record, .reasoning = {}, .first_frame = {}, .last_frame = {}};
    if (const auto log = LogPath(run, record.key); std::filesystem::exists(log)) {
      view.reasoning = JoinReasoning(ReadLog(log).reasoning, record.steps);
    }
    view.first_frame = ReadFrame(FirstFramePath(run, record.key));
    view.last_frame = ReadFrame(LastFramePath(run, record.key));
    frame_bytes += view.first_frame.size() + view.last_frame.size();
    data.episodes.push_back(std::move(view));
  }
  if (frame_bytes > kFrameBudget) {
    for (EpisodeView& view : data.episodes) {
      HalveFrame(view.first_frame, FirstFramePath(run, view.record.key));
      HalveFrame(view.last_frame, LastFramePath(run, view.record.key));
    }
  }
  return data;
}

}  // namespace divla
