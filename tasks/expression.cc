#include "tasks/expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <vector>

#include "sim/check.h"

namespace divla {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return (c >= 'a' && c <= 'z') || c == '_' || IsDigit(c); }

// Recursive descent: sum = product {+- product}, product = factor {*/ factor}, factor = sign, bracket, number or word.
class Parser {
 public:
  Parser(std::string_view text, const std::map<std::string, double>& names) : text_(text), names_(names) {}

  double All() {
    const double value = Sum();
    if (Peek() != '\0') Fail("the end");
    if (!std::isfinite(value)) throw InputError("expression '" + std::string(text_) + "': is not a finite number");
    return value;
  }

 private:
  static constexpr int kMaxDepth = 50;

  double Sum() {
    double value = Product();
    while (true) {
      if (Take('+')) {
        value += Product();
      } else if (Take('-')) {
        value -= Product();
      } else {
        return value;
      }
    }
  }

  double Product() {
    double value = Factor();
    while (true) {
      if (Take('*')) {
        value *= Factor();
      } else if (Take('/')) {
        value /= Factor();
      } else {
        return value;
      }
    }
  }

  double Factor() {
    if (++depth_ > kMaxDepth) Fail("fewer nested brackets and signs");
    const double value = Signed();
    --depth_;
    return value;
  }

  double Signed() {
    if (Take('-')) return -Factor();
    if (Take('+')) return Factor();
    if (Take('(')) {
      const double value = Sum();
      if (!Take(')')) Fail("')'");
      return value;
    }
    const char next = Peek();
    if (IsDigit(next) || next == '.') return Number();
    if (IsWord(next)) return Word();
    Fail("a number, a name or '('");
  }

  double Number() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) Fail("a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  double Word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) ++at_;
    const std::string word(text_.substr(start, at_ - start));
    if (Take('(')) return Call(word);
    const auto found = names_.find(word);
    if (found != names_.end()) return found->second;
    std::string known;
    for (const auto& [name, value] : names_) known += (known.empty() ? "" : ", ") + name;
    throw InputError("expression '" + std::string(text_) + "': unknown name '" + word + "'; known: " + known);
  }

  double Call(const std::string& function) {
    std::vector<double> arguments{Sum()};
    while (Take(',')) arguments.push_back(Sum());
    if (!Take(')')) Fail("')'");
    constexpr double kDegree = std::numbers::pi / 180.0;
    if (arguments.size() == 1) {
      if (function == "sin") return std::sin(arguments[0] * kDegree);
      if (function == "cos") return std::cos(arguments[0] * kDegree);
      if (function == "abs") return std::abs(arguments[0]);
      if (function == "sqrt") return std::sqrt(arguments[0]);
    } else if (arguments.size() == 2) {
      if (function == "min") return std::min(arguments[0], arguments[1]);
      if (function == "max") return std::max(arguments[0], arguments[1]);
    }
    throw InputError("expression '" + std::string(text_) +
                     "': expected sin, cos, abs or sqrt of one number, or min or max of two, found '" + function +
                     "' of " + std::to_string(arguments.size()));
  }

  char Peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  [[noreturn]] void Fail(const std::string& expected) {
    throw InputError("expression '" + std::string(text_) + "': expected " + expected + " at character " +
                     std::to_string(at_ + 1));
  }

  std::string_view text_;
  const std::map<std::string, double>& names_;
  std::size_t at_{0};
  int depth_{0};
};

}  // namespace

double EvaluateExpression(std::string_view text, const std::map<std::string, double>& names) {
  return Parser(text, names).All();
}

}  // namespace divla
