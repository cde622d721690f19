// The building blocks of the panels.
#include <imgui.h>

#include <map>

#include "harness/records/records.h"
#include "viewer/panels/panels.h"

namespace divla {

void BeginPanel(const char* name, const Rect& rect, const Theme&) {
  ImGui::SetNextWindowPos({rect.x, rect.y});
  ImGui::SetNextWindowSize({rect.w, rect.h});
  ImGui::Begin(name, nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav);
}

Inside InsideOf(const GuiContext& gui, int line) {
  Inside inside{gui.director.ThoughtOf(line), 0, gui.director.ThinkingOf(line) != nullptr, false};
  if (!inside.thought) return inside;
  const ThoughtReplay& replay = gui.ui.thought.replay;
  inside.replayed = !inside.live && replay.of == inside.thought && replay.moment.has_value();
  inside.moment = inside.replayed ? *replay.moment : LastMoment(*inside.thought);
  return inside;
}

ImU32 AgreementColour(const QueryView* query, const Theme& theme) {
  if (query == nullptr || query->judged.said.empty()) return theme.muted;
  if (!query->judged.correct) return theme.bad;
  const auto& off = query->judged.location_error;
  return off && *off > static_cast<float>(kGroundedWithin) ? theme.warn : theme.good;
}

const char* AgreementWord(const QueryView* query) {
  if (query == nullptr || query->judged.said.empty()) return "no text";
  if (!query->judged.correct) return "wrong";
  const auto& off = query->judged.location_error;
  const bool place_off = off && *off > static_cast<float>(kGroundedWithin);
  return place_off ? "agrees with the truth, but the place is off" : "agrees with the truth";
}

void Heading(const char* text, const Theme& theme) {
  ImGui::PushFont(theme.small);
  ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
  ImGui::TextUnformatted(text);
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void Wrapped(const std::string& text, ImU32 colour) {
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

std::string Cut(const std::string& text, float width) {
  if (ImGui::CalcTextSize(text.c_str()).x <= width) return text;
  std::string cut = text;
  while (!cut.empty() && ImGui::CalcTextSize((cut + "...").c_str()).x > width) {
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xC0U) == 0x80U) cut.pop_back();  // whole letters
    if (!cut.empty()) cut.pop_back();
  }
  return cut + "...";
}

std::string LineName(int line) { return line == kEpisodeLine ? "episode" : "branch"; }

std::string FailureWords(const std::string& failure) {
  static const std::map<std::string, std::string> kWords = {
      {"none", "It succeeded."},
      {"wrong_object", "Wrong object: something that was not asked for was lifted, and what was asked for was not."},
      {"missed_grasp", "Missed grasp: the gripper came near the object and never lifted it."},
      {"dropped", "Dropped: the object was lifted and lost before the goal."},
      {"wrong_place", "Wrong place: the object was put down somewhere else, or is still held."},
      {"not_reached", "Not reached: the gripper never came within 5 cm of the object."},
      {"unstable", "Unstable: the simulation diverged."},
      {"policy_error", "The policy failed: it threw an error or gave an action that cannot be played."}};
  const auto found = kWords.find(failure);
  return found == kWords.end() ? failure : found->second;
}

}  // namespace divla
