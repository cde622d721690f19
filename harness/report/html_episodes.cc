#include <fmt/format.h>

#include <map>
#include <vector>

#include "harness/report/html_parts.h"
#include "harness/report/text.h"
#include "tasks/intervention.h"

namespace divla::html {

namespace {

constexpr std::size_t kSpansShown = 5;  // more are folded away

std::string Picture(const std::vector<std::byte>& png, const std::string& what, const std::string& caption) {
  if (png.empty()) return "<figure class=\"none\"><div>no picture kept</div></figure>";
  return fmt::format(
      "<figure><img loading=\"lazy\" decoding=\"async\" width=\"320\" height=\"240\" alt=\"{}\" "
      "src=\"data:image/png;base64,{}\"><figcaption>{}</figcaption></figure>",
      what, Base64(png), caption);
}

std::string Steps(const ReasoningSpan& span) {
  return span.first_step == span.last_step ? std::to_string(span.first_step)
                                           : fmt::format("{}–{}", span.first_step, span.last_step);
}

// The episode from left to right, each stretch coloured by its judgement.
std::string Strip(const std::vector<ReasoningSpan>& spans) {
  std::string strip = "<div class=\"strip\" aria-hidden=\"true\">";
  for (const ReasoningSpan& span : spans) {
    strip += fmt::format("<i class=\"{}\" style=\"flex-grow:{}\"></i>", span.correct ? "right" : "wrong",
                         span.last_step - span.first_step + 1);
  }
  return strip + "</div>";
}

std::string Span(const ReasoningSpan& span) {
  std::string text = fmt::format("<li class=\"{}\"><span class=\"at\">{}</span><span class=\"said\">{}</span>",
                                 span.correct ? "right" : "wrong", Steps(span),
                                 span.said.empty() ? "<em>no text</em>" : EscapeHtml(span.said));
  if (!span.correct && !span.truth.empty()) text += "<span class=\"truth\">" + EscapeHtml(span.truth) + "</span>";
  return text + "</li>\n";
}

std::string ReasoningList(const std::vector<ReasoningSpan>& spans) {
  if (spans.empty()) return {};
  std::string text = Strip(spans) + "\n<ol class=\"texts\">\n";
  for (std::size_t i = 0; i < spans.size() && i < kSpansShown; ++i) text += Span(spans[i]);
  text += "</ol>\n";
  if (spans.size() > kSpansShown) {
    text += fmt::format("<details><summary>{} more</summary><ol class=\"texts\">\n", spans.size() - kSpansShown);
    for (std::size_t i = kSpansShown; i < spans.size(); ++i) text += Span(spans[i]);
    text += "</ol></details>\n";
  }
  return text;
}

std::string ChangeText(const InterventionRecord& change) {
  return fmt::format("{} at step {}: \"{}\"; {}", ToString(change.kind), change.step, change.instruction,
                     change.followed ? fmt::format("the texts followed after {} steps", change.steps_to_follow)
                                     : std::string("no text followed"));
}

std::string Details(const EpisodeRecord& record) {
  const auto row = [](const char* name, const std::string& value) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, EscapeHtml(value));
  };
  return "<details><summary>details</summary><dl>" + row("seed", std::to_string(record.seed)) +
         row("success", fmt::format("end {}, once {}, held {}", record.success ? "yes" : "no",
                                    record.success_once ? "yes" : "no", record.success_held ? "yes" : "no")) +
         row("first wrong text", record.reasoning.first_wrong_step < 0
                                     ? std::string("–")
                                     : fmt::format("step {}", record.reasoning.first_wrong_step)) +
         (record.intervention ? row("changed", ChangeText(*record.intervention)) : "") +
         row("scene", record.hash.scene) + row("initial state", record.hash.initial_state) +
         row("frames", record.hash.frames) + row("actions", record.hash.actions) + row("states", record.hash.states) +
         "</dl></details>\n";
}

std::string Card(const EpisodeView& view) {
  const EpisodeRecord& record = view.record;
  const std::string key = EscapeHtml(ToString(record.key));
  const std::string outcome = record.success ? "success" : "failure";
  std::string text = fmt::format(
      "<article id=\"{}\" data-cell=\"{}\" data-outcome=\"{}\" data-failure=\"{}\">\n<div class=\"head\"><span "
      "class=\"badge {}\">{}</span><a href=\"#{}\" title=\"link to this episode\">{}</a></div>\n",
      key, EscapeHtml(CellId(record.key.task, record.key.axis, record.key.level)), outcome,
      record.success ? "" : EscapeHtml(record.failure), record.success ? "ok" : FailureClass(record.failure),
      EscapeHtml(OutcomeText(record)), key, key);
  text += "<div class=\"frames\">" + Picture(view.first_frame, "first frame of " + key, "start") +
          Picture(view.last_frame, "last frame of " + key, fmt::format("step {}", record.steps)) + "</div>\n";
  text += fmt::format("<p class=\"instruction\">{}</p>\n", EscapeHtml(record.instruction));
  text += fmt::format("<p class=\"measures\"><span>{} steps</span><span>{:.1f} s</span><span>progress {:.2f}</span>",
                      record.steps, record.sim_seconds, record.progress);
  if (record.objects.total > 1) {
    text += fmt::format("<span>{} of {} objects</span>", record.objects.placed, record.objects.total);
  }
  if (record.termination == Termination::kDiverged || record.termination == Termination::kPolicyError) {
    text += fmt::format("<span>{}</span>", EscapeHtml(Spaced(ToString(record.termination))));
  }
  if (record.reasoning.queries > 0) {
    text += fmt::format("<span>{}/{} texts correct</span>", record.reasoning.correct, record.reasoning.queries);
  }
  return text + "</p>\n" + ReasoningList(view.reasoning) + Details(record) + "</article>\n";
}

std::string Chip(std::string_view attribute, const std::string& value, std::string_view colour,
                 const std::string& label, int count) {
  const std::string dot = colour.empty() ? std::string() : fmt::format("<i class=\"{}\"></i>", colour);
  return fmt::format("<button type=\"button\" data-{}=\"{}\" aria-pressed=\"{}\">{}{} <small>{}</small></button>",
                     attribute, EscapeHtml(value), value.empty() ? "true" : "false", dot, EscapeHtml(label), count);
}

std::string Filters(const ReportData& data) {
  const int total = static_cast<int>(data.episodes.size());
  std::map<std::string, int> failures;
  int successes = 0;
  for (const EpisodeView& view : data.episodes) {
    successes += view.record.success ? 1 : 0;
    if (!view.record.success) ++failures[view.record.failure];
  }
  std::string text = "<form class=\"filters\" id=\"filters\">\n<div class=\"group\">" +
                     Chip("outcome", "", "", "all", total) + Chip("outcome", "success", "ok", "success", successes) +
                     Chip("outcome", "failure", "bad", "failure", total - successes);
  text +=
      "<input type=\"search\" aria-label=\"search episodes\" placeholder=\"search instruction, text, key\"></div>\n";
  if (data.summary.cells.size() > 1) {
    text += "<div class=\"group\">" + Chip("cell", "", "", "all tasks", total);
    for (const CellSummary& cell : data.summary.cells) {
      text += Chip("cell", CellId(cell.task, cell.axis, cell.level), "", CellLabel(cell.task, cell.axis, cell.level),
                   cell.n);
    }
    text += "</div>\n";
  }
  if (!failures.empty()) {
    text += "<div class=\"group\">" + Chip("failure", "", "", "any ending", total);
    for (const auto& [failure, count] : failures) {
      text += Chip("failure", failure, FailureClass(failure), Spaced(failure), count);
    }
    text += "</div>\n";
  }
  return text + fmt::format("<p class=\"note\" id=\"shown\" role=\"status\">{0} of {0} episodes</p>\n</form>\n", total);
}

}  // namespace

std::string OutcomeText(const EpisodeRecord& record) {
  if (record.success) return "success";
  return record.failure == "none" ? "failed" : Spaced(record.failure);
}

std::string Episodes(const ReportData& data) {
  std::string text =
      "<section class=\"episodes\" id=\"episodes\">\n<h2>Episodes</h2>\n" + Filters(data) + "<div class=\"gallery\">\n";
  for (const EpisodeView& view : data.episodes) text += Card(view);
  return text + "</div>\n</section>\n";
}

}  // namespace divla::html
