// The panels: one file and one function each. A panel draws what the context holds and tells the director what the
// person wants; it keeps nothing.
#pragma once

#include "viewer/ui.h"

namespace divla {

void TopBar(GuiContext& gui);                      // which episode, and what it is doing
void SceneViews(GuiContext& gui);                  // mouse and labels of the 3-D views, which the SceneDrawer draws
// Ctrl and drag in a 3-D view, just after the view's button: true while the mouse pushes, and then does nothing else.
bool PushByMouse(GuiContext& gui, const Rect& rect, int line);
void ReasoningOverlay(GuiContext& gui, int line);  // instruction and reasoning, large, over the picture
void SidePanel(GuiContext& gui);                   // the column on the right, made of the following
void CameraPanes(GuiContext& gui);                 // what the policy got, with its location tokens
void StageLights(GuiContext& gui);
void ActionPlots(GuiContext& gui);    // planned (as it is denoised, too), executed, the expert's
void ThoughtPanel(GuiContext& gui);   // inside a query: moment by moment, where it looked, how the plan came to be
void WhyPanel(GuiContext& gui);       // why did it fail
void TimelinePanel(GuiContext& gui);  // scrubbing, query marks, run control
void OpenDialog(GuiContext& gui);
void BranchDialog(GuiContext& gui);
void SaveDialog(GuiContext& gui);  // pictures, videos, run folders
void HelpDialog(GuiContext& gui);

// The inside of a query as the panels show it.
struct Inside {
  std::shared_ptr<const Thought> thought;  // null: nothing is known
  int moment{};                            // of it
  bool live{};                             // it goes on at this moment
  bool replayed{};                         // a person looks at one of its moments; else it is shown as a whole
};
Inside InsideOf(const GuiContext& gui, int line);

// Building blocks.
// A fixed window without decoration that fills `rect`. Ends with ImGui::End().
void BeginPanel(const char* name, const Rect& rect, const Theme& theme);
// The colour of a query's text: right, place off, wrong; muted for none.
ImU32 AgreementColour(const QueryView* query, const Theme& theme);
// "agrees with the truth", "wrong", ...
const char* AgreementWord(const QueryView* query);
void Heading(const char* text, const Theme& theme);
// Text in a colour, broken at the width that is left.
void Wrapped(const std::string& text, ImU32 colour);
// Text of one line, cut with "..." at `width` pixels.
std::string Cut(const std::string& text, float width);
std::string LineName(int line);  // "episode", "branch"
// A failure's name in plain words: "missed_grasp" -> "missed grasp: the gripper closed near the object ...".
std::string FailureWords(const std::string& failure);

}  // namespace divla
