// Script: what it measures of the window.
#include <GLFW/glfw3.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <vector>

#include "viewer/script.h"

namespace divla {
namespace {

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

// Presses W, which turns over the side panel, in every frame while the policy is asked, and looks whether it has. A real
// key wakes the window. In the worst case it comes just after a frame took its events: it waits for that frame and is
// seen at the end of the next one.
Script::Done Script::Latency(App& app, double seconds) {
  app.GetSession().DelayQueries(std::chrono::milliseconds(std::lround(seconds * 1000)));
  app.GetDirector().StepQuery();
  return [this, work = std::vector<double>(), served = 0](App& a) mutable {
    if (a.GetDirector().View().asking) {
      const SideTab before = a.Ui().tab;
      a.Press({GLFW_KEY_W, false, false});
      if (a.Ui().tab != before) ++served;
      work.push_back(1000 * a.FrameWork());
    }
    if (idle_frames_ < 3) return false;
    a.GetSession().DelayQueries(std::chrono::milliseconds(0));
    double worst = 0;
    for (std::size_t i = 1; i < work.size(); ++i) worst = std::max(worst, work[i - 1] + work[i]);
    extra_ = {{"frames", work.size()},
              {"keys_served", served},
              {"median_frame_ms", Median(work)},
              {"longest_frame_ms", work.empty() ? 0 : *std::max_element(work.begin(), work.end())},
              {"worst_latency_ms", worst},
              {"opengl", a.GetWindow().Renderer()}};
    return true;
  };
}

// Plays for so long at the chosen speed. What a frame takes is measured from its events to the screen; the pictures of
// the 3-D view among them are those in which a moment was drawn. The processor time of a frame is that of all threads,
// the policy's too: on a busy machine it says what the frames would be on an idle one.
Script::Done Script::Frames(App& app, double seconds) {
  using Clock = std::chrono::steady_clock;
  app.GetDirector().Play();
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  return [this, end, begin = Clock::now(), work = std::vector<double>(), first = app.GetDirector().Cursor(),
          drawn = app.GetScene().Drawn(), cpu = std::clock(), paused = false](App& a) mutable {
    if (!paused) {
      work.push_back(1000 * a.FrameWork());
      const auto now = Clock::now();
      if (now < end && a.GetDirector().Playing()) return false;
      const double passed = std::chrono::duration<double>(now - begin).count();
      extra_ = {{"frames", work.size()},
                {"seconds", passed},
                {"frames_per_second", static_cast<double>(work.size()) / passed},
                {"median_frame_ms", Median(work)},
                {"longest_frame_ms", *std::max_element(work.begin(), work.end())},
                {"cpu_ms_per_frame",
                 1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / static_cast<double>(work.size())},
                {"coarse", a.Coarse()},
                {"scene_pictures", a.GetScene().Drawn() - drawn},
                {"steps", a.GetDirector().Cursor() - first},
                {"width", a.GetWindow().Width()},
                {"height", a.GetWindow().Height()},
                {"opengl", a.GetWindow().Renderer()}};
      a.GetDirector().Pause();
      paused = true;
    }
    return idle_frames_ >= 3;
  };
}

}  // namespace divla
