// Session: one live episode and at most one branch of it, played by a worker thread that owns scenes, policy and
// renderer. Commands return at once; what happened is read from View(). So a window never waits, however long a query
// takes. Knows no window.
//
// Commands are for one thread (the window's); View for any. A query in progress is never broken off: a command that
// comes meanwhile is served at its end.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "harness/edits.h"
#include "viewer/history.h"
#include "viewer/line.h"
#include "viewer/source.h"

namespace divla {

inline constexpr int kEpisodeLine = 0;  // index in SessionView::lines
inline constexpr int kBranchLine = 1;

class Session {
 public:
  explicit Session(SourceOptions options = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();  // waits for the end of a query

  // Throws nothing: what goes wrong in a command stands in SessionView::error.
  void Open(EpisodeChoice choice);
  // Plays the line on from where it stands until `step` (or its end), in place of what it was told before.
  void PlayTo(int line, int step);
  // Plays until the policy is about to be asked (again); for an agent that asks nothing, kWithoutQueries steps.
  void PlayQuery(int line);
  static constexpr int kWithoutQueries = 16;
  void Pause();                   // both lines
  void Seek(int line, int step);  // clipped to the line's own past; pauses the line
  void Branch(int step, Edits edits);
  void DropBranch();
  // While it is held, every step of the branch is pushed so (Push::steps counts for nothing); empty lets go. Each step's
  // push is a change like the others: it stands in an export.
  void HoldPush(std::optional<Push> push);
  // One push of the branch, from where it stands.
  void PushBranch(Push push);
  // Writes what the cameras see of a line, with the reasoning, as `divla eval --video` does (harness/episode_video.h): from
  // the episode's start to the last step that is known.
  void SaveVideo(int line, std::filesystem::path file);
  // Writes a line that was played to its end as a run folder (harness/episode_run.h), which must be new or empty.
  void Export(int line, std::filesystem::path run);

  // What is known now; never null, never changes.
  std::shared_ptr<const SessionView> View() const;
  // Every command is done and nothing plays; WaitIdle blocks until then. For scripts and tests.
  bool IsIdle() const;
  void WaitIdle() const;
  // Each query takes so much longer: for tests of a window that must not wait for it.
  void DelayQueries(std::chrono::milliseconds delay);

 private:
  struct BranchOrder {
    int step{};
    Edits edits;
  };
  struct SaveOrder {
    int line{};
    std::filesystem::path path;
    bool video{};  // else a run folder
  };
  // What a line is told to do.
  struct Orders {
    std::optional<int> seek;
    int play_to{-1};  // -1: nothing
    bool one_query{};
  };

  void Work();
  bool Idle() const;  // with mutex_ held
  int NextLine() const;
  void Do(const std::function<void()>& work);
  void DoOpen(const EpisodeChoice& choice);
  void PlayOne(int line);
  void DoPush(const Push& push);
  void DoSave(const SaveOrder& order);
  void Publish(bool asking);
  ThoughtWatcher ShowThoughtsOf(int line);
  Renderer& MyRenderer();

  const SourceOptions options_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool quit_{};
  std::optional<EpisodeChoice> open_;
  std::optional<BranchOrder> branch_;
  bool drop_branch_{};
  std::optional<Push> held_, push_;
  std::optional<SaveOrder> save_;
  std::array<Orders, 2> orders_;
  bool busy_{};
  std::chrono::milliseconds delay_{0};
  std::shared_ptr<const SessionView> view_;

  // The worker's own.
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<Agent> agent_;
  std::shared_ptr<EpisodeFacts> facts_;
  std::array<std::unique_ptr<Line>, 2> lines_;
  std::string error_;
  int errors_{}, opened_{}, saves_{};
  std::string saved_;
  EpisodeChoice choice_;
  int parted_at_{-1}, texts_parted_at_{-1};

  std::thread worker_;  // last: it uses all of the above
};

}  // namespace divla
