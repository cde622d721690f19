// App: pictures and videos of the window.
#include <imgui.h>

#include <exception>
#include <utility>

#include "harness/file_write.h"
#include "harness/report/png.h"
#include "viewer/app.h"
#include "viewer/save.h"

namespace divla {
namespace {

constexpr double kSaid = 6;  // s that a message stands

// What stands before the end of the name of everything that is kept of an episode.
std::string Stem(const Director& director) {
  return director.HasEpisode() ? ToString(director.View().facts->plan.key) : std::string("viewer");
}

}  // namespace

void App::Say(const std::string& text, bool bad) {
  ui_.said = text;
  ui_.said_bad = bad;
  ui_.said_until = ImGui::GetTime() + kSaid;
}

// What buttons and keys wish for.
void App::Keep() {
  if (ui_.wants_recording && !recorder_.Recording()) {
    Record(FreeName(ui_.folder, Stem(*director_) + ".window", ".mp4"));
  } else if (!ui_.wants_recording && recorder_.Recording()) {
    stop_recording_ = true;
  }
  if (std::exchange(ui_.wants_picture, false) && !capture_) {
    const std::filesystem::path file =
        FreeName(ui_.folder, Stem(*director_) + ".step-" + std::to_string(director_->Cursor()), ".png");
    capture_ = [this, file](const Image& image) {
      try {
        std::error_code ignored;  // the write says what is wrong
        std::filesystem::create_directories(file.parent_path(), ignored);
        const std::vector<std::byte> png = EncodePng(image);
        WriteFileAtomically(file, {reinterpret_cast<const char*>(png.data()), png.size()});
        Say("kept " + file.string(), false);
      } catch (const std::exception& error) {
        Say(error.what(), true);
      }
    };
  }
}

void App::Record(const std::filesystem::path& file) {
  try {
    recorder_.Start(file, window_->Width(), window_->Height());
  } catch (const std::exception& error) {
    Say(error.what(), true);
  }
  ui_.wants_recording = recorder_.Recording();
  ui_.recorded = recorder_.Recording() ? 0 : -1;
  director_->ShowOneByOne(recorder_.Recording());
}

void App::StopRecording() { ui_.wants_recording = false; }

// After the frame was drawn. A moment counts when its 3-D picture is there.
void App::Film() {
  if (!recorder_.Recording()) return;
  std::vector<std::shared_ptr<const StepView>> moments;
  for (int line = 0; line < static_cast<int>(director_->View().lines.size()); ++line) {
    moments.push_back(director_->MomentOf(line));
  }
  // In the first frame of another number of views their places are not filled yet.
  const bool settled = std::exchange(filmed_lines_, moments.size()) == moments.size();
  const bool drawn = settled && SceneIsDrawn();
  try {
    if (!moments.empty() && drawn && recorder_.Wants(moments)) recorder_.Add(window_->Capture(), std::move(moments));
    if (drawn) director_->ShowNext();
    if (stop_recording_ && drawn && director_->CaughtUp()) {
      Say("kept " + recorder_.Stop(window_->Capture()).string(), false);
    }
  } catch (const std::exception& error) {
    recorder_.Drop();
    Say(error.what(), true);
  }
  ui_.recorded = recorder_.Recording() ? recorder_.Pictures() : -1;
  if (recorder_.Recording()) return;
  stop_recording_ = ui_.wants_recording = false;
  director_->ShowOneByOne(false);
}

}  // namespace divla
