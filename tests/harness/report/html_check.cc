#include "tests/harness/report/html_check.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace divla::testing {

namespace {

const std::set<std::string> kVoid{"br", "col", "hr", "img", "input", "link", "meta", "wbr"};

class Checker {
 public:
  explicit Checker(const std::string& page) : page_(page) {}

  std::vector<std::string> Run() {
    constexpr std::string_view kDoctype = "<!DOCTYPE html>\n";
    if (!page_.starts_with(kDoctype)) Fail("no doctype");
    for (at_ = kDoctype.size(); at_ < page_.size();) {
      if (page_[at_] == '<') {
        Tag();
      } else {
        Text();
      }
    }
    for (const std::string& name : open_) Fail("<" + name + "> is never closed");
    for (const std::string& link : links_) {
      if (!ids_.contains(link)) Fail("nothing has the id of the link #" + link);
    }
    return errors_;
  }

 private:
  void Fail(const std::string& what) {
    errors_.push_back(what + " near: " + page_.substr(at_ < 60 ? 0 : at_ - 60, 120));
  }

  void Text() {
    const std::size_t end = std::min(page_.find('<', at_), page_.size());
    const std::string text = page_.substr(at_, end - at_);
    if (text.find('>') != std::string::npos) Fail("a bare > in text");
    Entities(text);
    if (text.find_first_not_of(" \n") != std::string::npos && (open_.empty() || kNoText.contains(open_.back()))) {
      Fail("text within <" + (open_.empty() ? "nothing" : open_.back()) + ">");
    }
    at_ = end;
  }

  void Entities(const std::string& text) {
    for (std::size_t i = text.find('&'); i != std::string::npos; i = text.find('&', i + 1)) {
      const std::size_t end = text.find(';', i);
      const std::string name = end == std::string::npos ? "" : text.substr(i + 1, end - i - 1);
      if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39") Fail("a bare &");
    }
  }

  std::string Name() {
    const std::size_t from = at_;
    while (at_ < page_.size() && (std::isalnum(static_cast<unsigned char>(page_[at_])) || page_[at_] == '-')) ++at_;
    return page_.substr(from, at_ - from);
  }

  bool Take(char c) {
    if (at_ >= page_.size() || page_[at_] != c) return false;
    ++at_;
    return true;
  }

  void Tag() {
    ++at_;
    const bool closing = Take('/');
    const std::string name = Name();
    if (name.empty()) return Fail("a bare <");
    if (closing) {
      if (!Take('>')) Fail("</" + name + " without >");
      if (open_.empty() || open_.back() != name) return Fail("</" + name + "> closes nothing");
      open_.pop_back();
      return;
    }
    Attributes(name);
    if (kVoid.contains(name)) return;
    open_.push_back(name);
    if (name != "script" && name != "style") return;
    const std::size_t end = page_.find("</" + name, at_);
    if (end == std::string::npos) Fail("<" + name + "> never ends");
    at_ = std::min(end, page_.size());
  }

  void Attributes(const std::string& tag) {
    std::set<std::string> seen;
    while (!Take('>')) {
      if (at_ >= page_.size()) return Fail("<" + tag + " never ends");
      if (!Take(' ')) {
        Fail("no space before an attribute of " + tag);
        ++at_;
        continue;
      }
      const std::string name = Name();
      if (name.empty()) return Fail("an attribute of " + tag + " without a name");
      if (!seen.insert(name).second) Fail(name + " twice in " + tag);
      if (!Take('=')) continue;
      if (!Take('"')) return Fail(name + " is not quoted");
      const std::size_t end = page_.find('"', at_);
      if (end == std::string::npos) return Fail(name + " never ends");
      const std::string value = page_.substr(at_, end - at_);
      if (value.find('<') != std::string::npos) Fail("a bare < in " + name);
      Entities(value);
      if (name == "id" && !ids_.insert(value).second) Fail("id " + value + " twice");
      if (name == "href" && value.starts_with("#")) links_.push_back(value.substr(1));
      if (name.starts_with("on")) Fail("a handler in " + tag);
      at_ = end + 1;
    }
  }

  const std::set<std::string> kNoText{"table", "thead", "tbody",  "tfoot", "tr",  "ul",
                                      "ol",    "dl",    "select", "svg",   "html"};
  const std::string& page_;
  std::size_t at_{};
  std::vector<std::string> open_, links_, errors_;
  std::set<std::string> ids_;
};

}  // namespace

std::vector<std::string> CheckHtml(const std::string& page) { return Checker(page).Run(); }

}  // namespace divla::testing
