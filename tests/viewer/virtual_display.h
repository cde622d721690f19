// A display without a screen for one test: Xvfb, which chooses a free number itself.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace divla {

class VirtualDisplay {
 public:
  // `opengl`: whether it offers any.
  explicit VirtualDisplay(bool opengl = true) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return;
    const std::string number = std::to_string(ends[1]);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      if (freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
      execlp("Xvfb", "Xvfb", "-displayfd", number.c_str(), "-screen", "0", "1920x1200x24", "-nolisten", "tcp",
             "-noreset", opengl ? "+extension" : "-extension", "GLX", static_cast<char*>(nullptr));
      _exit(127);
    }
    close(ends[1]);
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') name_ += c;
    close(ends[0]);
    if (!name_.empty()) name_.insert(name_.begin(), ':');
  }
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;
  ~VirtualDisplay() {
    if (child_ <= 0) return;
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  // ":1"; empty when there is no Xvfb.
  const std::string& Name() const { return name_; }

 private:
  pid_t child_{-1};
  std::string name_;
};

}  // namespace divla
