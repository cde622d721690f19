#include "viewer/app.h"

#include <GL/gl.h>
#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

constexpr double kIdleFrame = 0.03;     // s
constexpr double kFrame = 1.0 / 60;     // s; faster than this nobody sees, and it is the policy's processor
constexpr double kSlowFrame = 0.035;    // s; below 20 frames a second with what else is to be done
constexpr double kLongestFrame = 0.25;  // s; after a stall no more time is made up for

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

App::App(const UiSettings& settings, SourceOptions options, std::string folder, WindowKind kind)
    : session_(std::move(options)) {
  ui_.settings = settings;
  ui_.folder = std::move(folder);
  window_ = std::make_unique<Window>("DiVLA-Bench", settings.width, settings.height, kind);
  director_ = std::make_unique<Director>(session_);
  scene_ = std::make_unique<SceneDrawer>(!window_->SoftwareOpenGl());
  textures_ = std::make_unique<Textures>();
}

App::~App() {
  // What lives in the graphics memory goes while the context is still there.
  textures_.reset();
  scene_.reset();
  window_.reset();
}

void App::FitTheme() {
  const float scale = std::clamp(window_->ContentScale() * ui_.settings.scale, 0.5F, 4.F);
  const bool fonts = theme_.body == nullptr || std::abs(scale - theme_.scale) > 1e-3F;
  if (!fonts && theme_.dark == ui_.settings.dark) return;
  ApplyTheme(ui_.settings.dark, scale, theme_);
  if (!fonts) return;
  LoadFonts(theme_);
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
}

bool App::Update() {
  if (window_->WantsToClose() || ui_.wants_quit) return false;
  FitTheme();
  // While nothing moves, a frame comes with the next event, or soon enough for what the worker has to say.
  const bool moves = capture_ || ui_.drag || !director_->CaughtUp() || stop_recording_ ||
                     (director_->Playing() && !director_->View().asking) || ui_.thought.replay.playing ||
                     (director_->HasEpisode() && !scene_->Ready());
  const double rest = std::clamp(kFrame - (Now() - last_frame_), 0.0, kFrame);
  window_->BeginFrame(moves ? rest : kIdleFrame);
  const double now = Now();
  begun_ = now;
  const double elapsed = last_frame_ < 0 ? 0 : std::min(now - last_frame_, kLongestFrame);
  last_frame_ = now;
  director_->Update(elapsed);
  for (const KeyPress& key : window_->Keys()) Press(key);
  const SessionView& view = director_->View();
  if (view.opened != shown_episode_) {
    shown_episode_ = view.opened;
    scene_->Show(view.facts);
    ui_.focus = 0;
    ui_.drag.reset();
  }
  if (view.saves != saves_) {
    saves_ = view.saves;
    Say("kept " + view.saved, false);
  }
  Keep();
  const int last_line = std::max(0, static_cast<int>(view.lines.size()) - 1);
  if (ui_.focus_on_branch && last_line == kBranchLine) {
    ui_.focus = kBranchLine;
    ui_.focus_on_branch = false;
  }
  ui_.focus = std::clamp(ui_.focus, 0, last_line);
  if (ui_.drag && ui_.drag->line > last_line) ui_.drag.reset();  // the branch went away under the mouse
  Follow(ui_.thought.replay, director_->HasEpisode() ? director_->ThoughtOf(ui_.focus) : nullptr, elapsed);
  return true;
}

void App::BuildGui() {
  const int lines = std::max(1, static_cast<int>(director_->View().lines.size()));
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  layout_ = MakeLayout(size.x, size.y, lines, theme_);
  GuiContext gui{*director_, ui_, theme_, *textures_, *scene_, layout_};
  TopBar(gui);
  SceneViews(gui);
  SidePanel(gui);
  TimelinePanel(gui);
  switch (ui_.dialog) {
    case Dialog::kOpen:
      return OpenDialog(gui);
    case Dialog::kBranch:
      return BranchDialog(gui);
    case Dialog::kSave:
      return SaveDialog(gui);
    case Dialog::kHelp:
      return HelpDialog(gui);
    case Dialog::kNone:
      return;
  }
}

void App::Render() {
  const float scale = static_cast<float>(window_->Height()) / std::max(1.F, ImGui::GetIO().DisplaySize.y);
  const SessionView& view = director_->View();
  // Where the processor draws and cannot keep up, the 3-D view is coarse while it moves; it is sharp again when it stands
  // still, and in every picture that is kept.
  if (!director_->Playing()) {
    coarse_ = false;
  } else if (window_->SoftwareOpenGl() && frame_work_ > kSlowFrame) {
    coarse_ = true;
  }
  const float share = coarse_ && !capture_ && !recorder_.Recording() ? 0.5F * scale : scale;
  for (std::size_t line = 0; line < view.lines.size(); ++line) {
    const Rect& rect = layout_.views[line];
    scene_->Draw(static_cast<int>(line), static_cast<int>(rect.w * share), static_cast<int>(rect.h * share),
                 director_->MomentOf(static_cast<int>(line)),
                 ui_.drag && ui_.drag->line == static_cast<int>(line) ? &ui_.drag->push : nullptr);
  }
  const ImVec4 background = Vec(theme_.background);
  window_->Bind();
  glViewport(0, 0, window_->Width(), window_->Height());
  glClearColor(background.x, background.y, background.z, 1);
  glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
  window_->DrawGui();
  if (capture_) {
    const auto use = std::exchange(capture_, nullptr);
    use(window_->Capture());
  }
  Film();
  window_->Show();
  frame_work_ = Now() - begun_;
}

void App::StepInside(int by) {
  ThoughtReplay& replay = ui_.thought.replay;
  if (!replay.of) return;
  const int now = replay.moment.value_or(LastMoment(*replay.of) + (by < 0 ? 1 : 0));
  ui_.tab = SideTab::kThought;
  GoTo(replay, now + by);
}

void App::Press(const KeyPress& key) {
  if (key.key == GLFW_KEY_ESCAPE) ui_.dialog = Dialog::kNone;
  if (ImGui::GetIO().WantTextInput) return;
  const auto open = [this](Dialog dialog) {
    ui_.dialog = ui_.dialog == dialog ? Dialog::kNone : dialog;
    ui_.dialog_opened = true;
  };
  const bool plus = key.key == GLFW_KEY_EQUAL || key.key == GLFW_KEY_KP_ADD;
  const bool minus = key.key == GLFW_KEY_MINUS || key.key == GLFW_KEY_KP_SUBTRACT;
  if (key.control) {
    if (plus) ui_.settings.scale = std::min(3.F, ui_.settings.scale * 1.1F);
    if (minus) ui_.settings.scale = std::max(0.5F, ui_.settings.scale / 1.1F);
    return;
  }
  if (plus || minus) director_->SetSpeed(director_->Speed() * (plus ? 1.5 : 1 / 1.5));
  switch (key.key) {
    case GLFW_KEY_F1:
      return open(Dialog::kHelp);
    case GLFW_KEY_SLASH:
      if (key.shift) open(Dialog::kHelp);
      return;
    case GLFW_KEY_O:
      return open(Dialog::kOpen);
    case GLFW_KEY_T:
      ui_.settings.dark = !ui_.settings.dark;
      return;
    case GLFW_KEY_F:
      return scene_->ResetCamera();
    case GLFW_KEY_P:
      ui_.wants_picture = true;
      return;
    case GLFW_KEY_V:
      ui_.wants_recording = ui_.recorded < 0;
      return;
    case GLFW_KEY_S:
      return open(Dialog::kSave);
    default:
      break;
  }
  if (!director_->HasEpisode()) return;
  switch (key.key) {
    case GLFW_KEY_SPACE:
      return director_->Playing() ? director_->Pause() : director_->Play();
    case GLFW_KEY_RIGHT:
      // What is known is looked at; beyond it is played.
      return director_->Cursor() < director_->Last() ? director_->ScrubTo(director_->Cursor() + 1)
                                                     : director_->StepOnce();
    case GLFW_KEY_LEFT:
      return director_->ScrubTo(director_->Cursor() - 1);
    case GLFW_KEY_Q:
      return director_->StepQuery();
    case GLFW_KEY_HOME:
    case GLFW_KEY_R:
      return director_->Reset();
    case GLFW_KEY_END:
      return director_->ScrubTo(director_->Last());
    case GLFW_KEY_N:
      return director_->NextSeed();
    case GLFW_KEY_B:
      return open(Dialog::kBranch);
    case GLFW_KEY_X:
      return director_->DropBranch();
    case GLFW_KEY_W:
      ui_.tab = ui_.tab == SideTab::kWhy ? SideTab::kActions : SideTab::kWhy;
      return;
    case GLFW_KEY_I:
      ui_.tab = SideTab::kThought;
      return PlayAgain(ui_.thought.replay);
    case GLFW_KEY_COMMA:
    case GLFW_KEY_PERIOD:
      return StepInside(key.key == GLFW_KEY_PERIOD ? 1 : -1);
    case GLFW_KEY_A:
      if (key.shift) ui_.thought.gaze = static_cast<Gaze>((static_cast<int>(ui_.thought.gaze) + 1) % 3);
      ui_.thought.heat = key.shift || !ui_.thought.heat;
      return;
    case GLFW_KEY_D:
      ui_.thought.denoising = !ui_.thought.denoising;
      return;
    case GLFW_KEY_1:
      ui_.focus = 0;
      return;
    case GLFW_KEY_2:
      ui_.focus = std::max(0, static_cast<int>(director_->View().lines.size()) - 1);
      return;
    default:
      return;
  }
}

}  // namespace divla
