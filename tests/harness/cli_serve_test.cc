// divla serve, by the built program: how it starts, refuses and ends. What it answers is tested in tests/policy/remote.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/harness/divla_program.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

constexpr std::chrono::seconds kPatience{120};

class ServeCommandTest : public ::testing::Test {
 protected:
  ~ServeCommandTest() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  // Starts it and waits for the line that says where it listens; gives the port, 0 when there was none.
  int Start(const std::string& arguments) {
    std::filesystem::remove(Path("out"));  // of the last time
    child_ = ::fork();
    if (child_ == 0) {
      const std::string command =
          "exec " DIVLA_PROGRAM " serve --port 0 " + arguments + " >" + Path("out") + " 2>" + Path("err");
      ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    for (const auto end = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < end;) {
      std::ifstream stream(Path("out"));
      std::string line;
      if (std::getline(stream, line) && !stream.eof() && line.starts_with("serving ")) {
        return std::stoi(line.substr(line.rfind(':') + 1));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << "it did not start: " << ReadTextFile(Path("err"));
    return 0;
  }

  // The exit code after the signal; -1 when it ended in another way or not at all.
  int EndWith(int signal) {
    ::kill(child_, signal);
    for (const auto end = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < end;) {
      int status = 0;
      if (::waitpid(child_, &status, WNOHANG) == child_) {
        child_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return -1;
  }

  // All that the server sends back before it closes the connection.
  static std::string Request(int port, const std::string& request) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval patience{60, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string all;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
        ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
      char piece[1024];
      for (ssize_t size = 0; (size = ::recv(socket, piece, sizeof(piece), 0)) > 0;) {
        all.append(piece, static_cast<std::size_t>(size));
      }
    }
    ::close(socket);
    return all;
  }

  TempFolder folder_;
  pid_t child_{};
};

TEST_F(ServeCommandTest, AnswersUntilASignalAndEndsWithZero) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const int port = Start("--policy hold");
    ASSERT_GT(port, 0);
    const std::string health = Request(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(health.starts_with("HTTP/1.1 200 OK\r\n")) << health;
    EXPECT_TRUE(health.ends_with("\r\n\r\nOK\n")) << health;
    EXPECT_EQ(EndWith(signal), 0) << ReadTextFile(Path("err"));
    EXPECT_NE(ReadTextFile(Path("out")).find("serving hold for panda, agilex on ws://127.0.0.1:"), std::string::npos);
  }
}

TEST_F(ServeCommandTest, APortThatIsTakenIsTheMachinesFault) {
  const int port = Start("--policy hold");
  ASSERT_GT(port, 0);
  ExpectRefused("serve --policy hold --port " + std::to_string(port), 3, "in use");
  EXPECT_EQ(EndWith(SIGTERM), 0);
}

TEST_F(ServeCommandTest, AsksForTheKeyInTheFile) {
  std::ofstream(Path("key")) << "sesame\n";
  const int port = Start("--policy random --api-key-file " + Path("key"));
  ASSERT_GT(port, 0);
  const auto status = [port](const std::string& header) {
    return Request(port,
                   "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                       header + "\r\n")
        .substr(0, 12);
  };
  EXPECT_EQ(status(""), "HTTP/1.1 401");
  EXPECT_EQ(status("Authorization: Api-Key Sesame\r\n"), "HTTP/1.1 401");
  EXPECT_EQ(status("Authorization: Api-Key sesame\r\nOrigin: http://localhost\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(EndWith(SIGTERM), 0);
}

TEST_F(ServeCommandTest, RefusesWhatCannotBeServed) {
  ExpectRefused("serve --policy nobody", 2, "nobody");
  ExpectRefused("serve --policy expert", 2, "expert");
  ExpectRefused("serve --policy hold --host example.com", 2, "--host");
  ExpectRefused("serve --policy hold --port 70000", 2, "--port");
  ExpectRefused("serve --policy hold --max-clients 0", 2, "--max-clients");
  ExpectRefused("serve --policy hold --batch 0", 2, "--batch");
  ExpectRefused("serve --policy hold --max-message 0", 2, "--max-message");
  ExpectRefused("serve --policy hold --idle 0", 2, "--idle");
  ExpectRefused("serve --policy hold --api-key-env DIVLA_NO_SUCH_VARIABLE", 2, "DIVLA_NO_SUCH_VARIABLE");
  ExpectRefused("serve --policy hold --api-key-file " + Path("none"), 2, "none");
  std::ofstream(Path("key")) << "two words\n";
  ExpectRefused("serve --policy hold --api-key-file " + Path("key"), 2, "--api-key-file");
  std::ofstream(Path("empty")) << "\n";
  ExpectRefused("serve --policy hold --api-key-file " + Path("empty"), 2, "--api-key-file");
  ExpectRefused("serve --policy hold --api-key-file k --api-key-env K", 2, "--api-key");
}

}  // namespace
}  // namespace divla
