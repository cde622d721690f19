#include "harness/report/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

#include "harness/episode_video.h"
#include "harness/report/png.h"
#include "harness/report/text.h"
#include "sim/check.h"

namespace divla {

namespace {

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

struct FrameFile {
  int step{};
  std::filesystem::path file;
};

// KEY -> its pictures, in the order of their steps.
using FrameFiles = std::map<std::string, std::vector<FrameFile>>;

// The steps of the pictures within an episode are in their names (StripFramePath); other files are nobody's.
FrameFiles ListStrips(const std::filesystem::path& run) {
  FrameFiles strips;
  if (!std::filesystem::exists(run / "frames")) return strips;
  for (const auto& entry : std::filesystem::directory_iterator(run / "frames")) {
    const std::string name = entry.path().filename().string();
    constexpr std::string_view kStep = ".step-", kEnd = ".png";
    const std::size_t at = name.rfind(kStep);
    if (at == std::string::npos || !name.ends_with(kEnd)) continue;
    const char* first = name.data() + at + kStep.size();
    const char* last = name.data() + name.size() - kEnd.size();
    int step = 0;
    const auto [end, error] = std::from_chars(first, last, step);
    if (error == std::errc() && end == last) strips[name.substr(0, at)].push_back({step, entry.path()});
  }
  for (auto& [key, files] : strips) {
    std::sort(files.begin(), files.end(), [](const FrameFile& a, const FrameFile& b) { return a.step < b.step; });
  }
  return strips;
}

FrameFiles ListFrames(const std::filesystem::path& run, const std::vector<EpisodeRecord>& records) {
  const FrameFiles strips = ListStrips(run);
  FrameFiles frames;
  for (const EpisodeRecord& record : records) {
    std::vector<FrameFile>& files = frames[ToString(record.key)];
    if (const auto first = FirstFramePath(run, record.key); std::filesystem::exists(first)) files.push_back({0, first});
    if (const auto found = strips.find(ToString(record.key)); found != strips.end()) {
      for (const FrameFile& frame : found->second) {
        if (frame.step > 0 && frame.step < record.steps) files.push_back(frame);
      }
    }
    if (const auto last = LastFramePath(run, record.key); std::filesystem::exists(last)) {
      files.push_back({record.steps, last});
    }
  }
  return frames;
}

std::uintmax_t Bytes(const FrameFiles& frames) {
  std::uintmax_t bytes = 0;
  for (const auto& [key, files] : frames) {
    for (const FrameFile& frame : files) bytes += std::filesystem::file_size(frame.file);
  }
  return bytes;
}

ReportFrame LoadFrame(const FrameFile& frame, PictureUse use, const std::filesystem::path& page) {
  if (use == PictureUse::kLinked) {
    return {.step = frame.step, .link = EncodePath(std::filesystem::relative(frame.file, page).generic_string())};
  }
  std::vector<std::byte> png = ReadFrame(frame.file);
  if (use == PictureUse::kHalved) png = EncodePng(HalfSize(DecodePng(png, frame.file.string())));
  return {.step = frame.step, .png = std::move(png)};
}

std::optional<float> Worse(std::optional<float> a, std::optional<float> b) { return !a || (b && *b > *a) ? b : a; }

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
        last.worst_location_error = Worse(last.worst_location_error, entry.location_error);
        continue;
      }
      last.last_step = std::max(last.first_step, entry.step - 1);
    }
    spans.push_back({.first_step = entry.step,
                     .last_step = entry.step,
                     .queries = 1,
                     .correct = entry.correct,
                     .said = entry.said,
                     .truth = entry.truth,
                     .worst_location_error = entry.location_error});
  }
  spans.back().last_step = std::max(spans.back().first_step, steps - 1);
  return spans;
}

PictureUse PictureUseFor(std::uintmax_t bytes) {
  if (bytes <= kEmbeddedBytes) return PictureUse::kEmbedded;
  return bytes <= kHalvedBytes ? PictureUse::kHalved : PictureUse::kLinked;
}

ReportData LoadReportData(const std::filesystem::path& run, const RunInfo& info,
                          const std::vector<EpisodeRecord>& records, const RunSummary& summary,
                          const std::filesystem::path& page) {
  ReportData data{.info = info, .summary = summary, .episodes = {}};
  data.controls = ReadControls(run, records);
  std::error_code error;
  if (!std::filesystem::equivalent(run, page, error)) data.folder = run.string();
  const FrameFiles frames = ListFrames(run, records);
  data.pictures = PictureUseFor(Bytes(frames));
  for (const EpisodeRecord& record : records) {
    EpisodeView view{.record = record, .reasoning = {}, .frames = {}};
    if (const auto log = LogPath(run, record.key); std::filesystem::exists(log)) {
      view.reasoning = JoinReasoning(ReadLog(log).reasoning, record.steps);
    }
    for (const FrameFile& frame : frames.at(ToString(record.key))) {
      view.frames.push_back(LoadFrame(frame, data.pictures, page));
    }
    if (const auto video = VideoPath(run, record.key); std::filesystem::exists(video)) {
      view.video = EncodePath(std::filesystem::relative(video, page).generic_string());
    }
    data.episodes.push_back(std::move(view));
  }
  return data;
}

}  // namespace divla
