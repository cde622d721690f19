// Runs something that must throw an Error and checks that its one-line message holds every given part.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>

#include "sim/check.h"

namespace divla {

template <class Error>
void ExpectError(const std::function<void()>& work, std::initializer_list<std::string> parts) {
  try {
    work();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const std::string& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << "no '" << part << "' in: " << message;
    }
  }
}

}  // namespace divla
