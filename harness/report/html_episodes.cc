#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/report/html_parts.h"
#include "harness/report/text.h"
#include "tasks/intervention.h"

namespace divla::html {

namespace {

using nlohmann::json;

// Texts repeat over episodes and steps; each stands once in the page.
class TextTable {
 public:
  std::size_t Index(const std::string& bytes) {
    const auto [found, added] = index_.try_emplace(bytes, texts_.size());
    if (added) texts_.push_back(CleanUtf8(bytes));
    return found->second;
  }
  json Texts() const { return texts_; }

 private:
  std::map<std::string, std::size_t> index_;
  std::vector<std::string> texts_;
};

std::string ChangeText(const InterventionRecord& change) {
  return fmt::format("{} at step {}: \"{}\"; {}", ToString(change.kind), change.step, change.instruction,
                     change.followed ? fmt::format("the texts followed after {} steps", change.steps_to_follow)
                                     : std::string("no text followed"));
}

std::string ControlText(const ControlRecord& control) {
  if (!control.applies) return Spaced(control.name) + ": does not apply to this episode";
  std::string text = Spaced(control.name);
  if (!control.object.empty()) {
    text += fmt::format(": the words are about {}, the episode about {}", control.object, control.target);
  }
  return text + (control.acted_on.empty() ? "; the gripper held nothing" : "; the gripper held " + control.acted_on);
}

// Small lists with a place for each value: a run has thousands. The script names the places.
json SpanJson(const ReasoningSpan& span, TextTable& texts) {
  json value = {span.first_step, span.last_step, span.queries, span.correct ? 1 : 0, texts.Index(span.said)};
  if (!span.correct) value.push_back(texts.Index(span.truth));
  if (span.correct && span.worst_location_error) value.push_back(nullptr);
  if (span.worst_location_error) value.push_back(fmt::format("{:.3f}", *span.worst_location_error));
  return value;
}

json EpisodeJson(const EpisodeView& view, TextTable& texts) {
  const EpisodeRecord& record = view.record;
  json frames = json::array(), spans = json::array();
  for (const ReportFrame& frame : view.frames) {
    frames.push_back({frame.step, frame.link.empty() ? "data:image/png;base64," + Base64(frame.png) : frame.link});
  }
  for (const ReasoningSpan& span : view.reasoning) spans.push_back(SpanJson(span, texts));
  json value = {
      {"key", ToString(record.key)},
      {"task", record.key.task},
      {"axis", record.key.axis},
      {"level", record.key.level},
      {"seed", record.seed},
      {"say", texts.Index(record.instruction)},
      {"ok", record.success ? 1 : 0},
      {"ways", {record.success ? 1 : 0, record.success_once ? 1 : 0, record.success_held ? 1 : 0}},
      {"failure", CleanUtf8(record.failure)},
      {"end", ToString(record.termination)},
      {"progress", fmt::format("{:.2f}", record.progress)},
      {"objects", {record.objects.placed, record.objects.total}},
      {"steps", record.steps},
      {"seconds", fmt::format("{:.1f}", record.sim_seconds)},
      {"texts", {record.reasoning.correct, record.reasoning.queries, record.reasoning.first_wrong_step}},
      {"hash",
       {record.hash.scene, record.hash.initial_state, record.hash.frames, record.hash.actions, record.hash.states}},
      {"frames", frames},
      {"spans", spans}};
  if (!view.video.empty()) value["video"] = CleanUtf8(view.video);
  if (record.reasoning.located > 0) value["places"] = {record.reasoning.grounded, record.reasoning.located};
  if (record.intervention) value["change"] = texts.Index(ChangeText(*record.intervention));
  if (record.control) value["control"] = texts.Index(ControlText(*record.control));
  return value;
}

std::string Chip(std::string_view attribute, const std::string& value, std::string_view colour,
                 const std::string& label, int count) {
  const std::string dot = colour.empty() ? std::string() : fmt::format("<i class=\"{}\"></i>", colour);
  return fmt::format("<button type=\"button\" data-{}=\"{}\" aria-pressed=\"{}\">{}{} <small>{}</small></button>",
                     attribute, EscapeHtml(value), value.empty() ? "true" : "false", dot, EscapeHtml(label), count);
}

// Nothing to choose: no menu.
template <class Values>
std::string Menu(const char* name, const Values& values) {
  if (values.size() < 2) return {};
  std::string text = fmt::format("<label>{0} <select data-name=\"{0}\"><option value=\"\">any</option>", name);
  for (const auto& value : values) {
    const std::string word = EscapeHtml(fmt::format("{}", value));
    text += fmt::format("<option value=\"{}\">{}</option>", word, word);
  }
  return text + "</select></label>\n";
}

// "perturbed" stands for all axes but "none".
std::vector<std::string> AxisChoices(const std::set<std::string>& axes) {
  std::vector<std::string> choices(axes.begin(), axes.end());
  if (axes.size() > 1) choices.insert(choices.begin(), "perturbed");
  return choices;
}

std::string Filters(const ReportData& data) {
  const int total = static_cast<int>(data.episodes.size());
  std::map<std::string, int> failures;
  std::set<std::string> tasks, axes, words;
  std::set<int> levels;
  int successes = 0;
  for (const EpisodeView& view : data.episodes) {
    successes += view.record.success ? 1 : 0;
    if (!view.record.success) ++failures[view.record.failure];
    tasks.insert(view.record.key.task);
    axes.insert(view.record.key.axis);
    levels.insert(view.record.key.level);
    if (view.record.reasoning.queries > 0) words = {"right", "wrong"};
  }
  std::string text = "<form class=\"filters\" id=\"filters\">\n<div class=\"group\">" +
                     Chip("outcome", "", "", "all", total) + Chip("outcome", "success", "ok", "success", successes) +
                     Chip("outcome", "failure", "bad", "failure", total - successes);
  text +=
      "<input type=\"search\" aria-label=\"search episodes\" placeholder=\"search instruction, reasoning, "
      "key\"></div>\n";
  const std::string menus =
      Menu("task", tasks) + Menu("axis", AxisChoices(axes)) + Menu("level", levels) + Menu("words", words);
  if (!menus.empty()) text += "<div class=\"group\">" + menus + "</div>\n";
  if (!failures.empty()) {
    text += "<div class=\"group\">" + Chip("failure", "", "", "any ending", total);
    for (const auto& [failure, count] : failures) {
      text += Chip("failure", CleanUtf8(failure), FailureClass(failure), Spaced(failure), count);
    }
    text += "</div>\n";
  }
  return text + fmt::format("<p class=\"note\" id=\"shown\" role=\"status\">{0} of {0} episodes</p>\n</form>\n", total);
}

std::string PicturesNote(PictureUse use) {
  if (use == PictureUse::kEmbedded) return {};
  if (use == PictureUse::kHalved) {
    return "<p class=\"note\">Pictures are shown at half their size; frames/ of the run folder has them whole.</p>\n";
  }
  return "<p class=\"note\">This run has too many pictures to carry inside the page: it shows those of the run's "
         "folder frames/, so keep it beside.</p>\n";
}

}  // namespace

std::string Episodes(const ReportData& data) {
  TextTable texts;
  json episodes = json::array(), colours = json::object();
  for (const EpisodeView& view : data.episodes) {
    episodes.push_back(EpisodeJson(view, texts));
    colours[CleanUtf8(view.record.failure)] = FailureClass(view.record.failure);
  }
  const json all = {{"episodes", episodes},
                    {"texts", texts.Texts()},
                    {"colours", colours},
                    {"within", kGroundedWithin},
                    // No text names a folder of other bytes.
                    {"run", CleanUtf8(data.folder) == data.folder ? data.folder : "RUN"}};
  return "<section class=\"episodes\" id=\"episodes\">\n<h2>Episodes</h2>\n"
         "<noscript><p class=\"note\">The episodes are drawn by a script, which is switched off here; report.md has "
         "them as a table.</p></noscript>\n" +
         Filters(data) + PicturesNote(data.pictures) +
         "<div class=\"gallery\" id=\"gallery\"></div>\n<button type=\"button\" id=\"more\" hidden>show "
         "more</button>\n</section>\n<script type=\"application/json\" id=\"data\">" +
         EscapeJsonForScript(all.dump(-1, ' ', false, json::error_handler_t::replace)) + "</script>\n";
}

}  // namespace divla::html
