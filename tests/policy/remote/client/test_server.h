// A websocket server on the loopback address that does what a test says, good or bad: one thread for each connection.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "policy/remote/wire/value.h"

namespace divla {

// One connection, on its own thread. What fails because the other side is gone is no error here.
class TestPeer {
 public:
  virtual ~TestPeer() = default;
  virtual int Number() const = 0;  // of the connection, from 0
  virtual void Handshake() = 0;
  virtual void SendBinary(const std::string& bytes) = 0;
  virtual void SendText(const std::string& text) = 0;
  virtual std::optional<std::string> Receive() = 0;  // nothing when the other side is gone
  virtual void Close(int code, const std::string& reason) = 0;
  virtual void SendRaw(const std::string& bytes) = 0;  // without a websocket frame around it
  virtual void Cut() = 0;                              // the connection, without a word
  virtual void WaitForEnd() = 0;                       // until the other side is gone or the server ends
};

class TestServer {
 public:
  explicit TestServer(std::function<void(TestPeer&)> script);
  ~TestServer();  // ends all connections
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string Name() const;  // "ws://127.0.0.1:PORT"
  int Connections() const;   // so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace divla
