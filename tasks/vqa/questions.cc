#include <algorithm>
#include <array>
#include <cmath>

#include "tasks/table_top.h"
#include "tasks/vqa/answer.h"
#include "tasks/vqa/colour_words.h"
#include "tasks/vqa/question.h"
#include "tasks/vqa/seen_object.h"

namespace divla {
namespace {

constexpr double kOnTable = 0.01;  // m, of the base from the table's height
const std::array<const char*, 13> kNumbers{"zero",  "one",   "two",  "three", "four",   "five",  "six",
                                           "seven", "eight", "nine", "ten",   "eleven", "twelve"};

// Everything that the questions of one scene are made from.
struct View {
  const Scene& scene;
  std::vector<SeenObject> objects;
  std::string from;  // ", seen from the left camera"
};

bool AllSeen(const View& view) {
  return std::all_of(view.objects.begin(), view.objects.end(), [](const SeenObject& object) { return object.seen; });
}

// The answer is this object: its nouns are right and those of the others wrong.
void AnswerWith(const View& view, const SeenObject& answer, Question& question) {
  question.accepted = answer.nouns;
  for (const SeenObject& other : view.objects) {
    if (other.body == answer.body) continue;
    question.wrong.insert(question.wrong.end(), other.nouns.begin(), other.nouns.end());
    if (!other.nouns.empty()) continue;
    const std::vector<std::string>& shared = other.info->phrases_seen;  // "cube" of one of two cubes: also not this
    question.wrong.insert(question.wrong.end(), shared.begin(), shared.end());
  }
}

const std::vector<std::string>& NothingWords() {
  static const std::vector<std::string> words{"nothing", "empty", "none", "no object"};
  return words;
}

void AskObject(const View& view, std::vector<Question>& questions) {
  if (!AllSeen(view)) return;
  for (const SeenObject& object : view.objects) {
    const std::string& colour = object.info->colour;
    const std::vector<std::string> names = ColourNames(colour);
    if (names.empty() || object.nouns.empty()) continue;
    // Neither may another object be called by a colour word that fits this one.
    const bool alone = std::none_of(view.objects.begin(), view.objects.end(), [&](const SeenObject& other) {
      if (other.body == object.body) return false;
      if (ColourNames(other.info->colour).empty()) return true;
      for (const std::string& name : ColourNames(other.info->colour)) {
        if (std::find(names.begin(), names.end(), name) != names.end()) return true;
      }
      return false;
    });
    if (!alone) continue;
    Question question{"object", "What is the " + colour + " object?", {}, {}};
    AnswerWith(view, object, question);
    questions.push_back(question);
  }
}

void AskColour(const View& view, std::vector<Question>& questions) {
  for (const SeenObject& object : view.objects) {
    const std::vector<std::string> names = ColourNames(object.info->colour);
    if (!object.seen || names.empty()) continue;
    const auto says_colour = [&](const std::string& noun) {
      const auto said = [&](const std::string& colour) { return SaysPhrase(noun, colour); };
      const std::vector<std::string> others = OtherColourNames(object.info->colour);
      return std::any_of(names.begin(), names.end(), said) || std::any_of(others.begin(), others.end(), said);
    };
    const auto noun = std::find_if_not(object.nouns.begin(), object.nouns.end(), says_colour);
    if (noun == object.nouns.end()) continue;
    questions.push_back({"colour", "What colour is the " + *noun + "?", names, OtherColourNames(object.info->colour)});
  }
}

std::string SideWords(Side side) { return side == Side::kLeft ? "left" : "right"; }

void AskSide(const View& view, std::vector<Question>& questions) {
  for (const SeenObject& a : view.objects) {
    for (const SeenObject& b : view.objects) {
      if (a.body == b.body || !a.seen || !b.seen || a.nouns.empty() || b.nouns.empty()) continue;
      const auto truth = SideOf(a, b);
      if (!truth) continue;
      for (const Side side : {Side::kLeft, Side::kRight}) {
        const bool yes = side == *truth;
        questions.push_back({"side",
                             "Is the " + a.nouns.front() + " to the " + SideWords(side) + " of the " + b.nouns.front() +
                                 view.from + "?",
                             {yes ? "yes" : "no"},
                             {yes ? "no" : "yes"}});
      }
    }
  }
}

void AskNeighbour(const View& view, std::vector<Question>& questions) {
  if (!AllSeen(view)) return;
  for (const SeenObject& b : view.objects) {
    if (b.nouns.empty()) continue;
    std::array<std::vector<const SeenObject*>, 2> there;
    bool clear = true;
    for (const SeenObject& a : view.objects) {
      if (a.body == b.body) continue;
      const auto side = SideOf(a, b);
      clear = clear && side.has_value();
      if (side) there[*side == Side::kLeft ? 0 : 1].push_back(&a);
    }
    for (const Side side : {Side::kLeft, Side::kRight}) {
      const auto& found = there[side == Side::kLeft ? 0 : 1];
      if (!clear || found.size() != 1 || found.front()->nouns.empty()) continue;
      Question question{"neighbour",
                        "What is the object to the " + SideWords(side) + " of the " + b.nouns.front() + view.from + "?",
                        {},
                        {}};
      AnswerWith(view, *found.front(), question);
      std::erase_if(question.wrong, [&](const std::string& phrase) {  // "the bread left of the tape" names the tape
        return std::find(b.nouns.begin(), b.nouns.end(), phrase) != b.nouns.end();
      });
      questions.push_back(question);
    }
  }
}

bool Inside(const View& view, const SeenObject& object, const SeenObject& container) {
  return IsInside(view.scene, view.scene.BodyId(object.body), *object.info, view.scene.BodyId(container.body),
                  *container.info->container);
}

void AskCount(const View& view, std::vector<Question>& questions) {
  const std::size_t count = view.objects.size();
  if (!AllSeen(view) || count + 1 > kNumbers.size()) return;
  for (const SeenObject& object : view.objects) {
    if (std::abs(view.scene.BodyPosition(view.scene.BodyId(object.body))[2]) > kOnTable) return;
    for (const SeenObject& container : view.objects) {
      if (container.body != object.body && container.info->container && Inside(view, object, container)) return;
    }
  }
  Question question{"count", "How many objects are on the table?", {}, {}};
  for (std::size_t number = 0; number < kNumbers.size(); ++number) {
    std::vector<std::string>& words = number == count ? question.accepted : question.wrong;
    words.push_back(std::to_string(number));
    words.push_back(kNumbers[number]);
  }
  questions.push_back(question);
}

void AskContent(const View& view, std::vector<Question>& questions) {
  for (const SeenObject& container : view.objects) {
    if (!container.info->container || !container.seen || container.nouns.empty()) continue;
    const SeenObject* content = nullptr;
    bool clear = true;
    for (const SeenObject& object : view.objects) {
      if (object.body == container.body) continue;
      if (Inside(view, object, container)) {
        clear = clear && content == nullptr && object.seen && !object.nouns.empty();
        content = &object;
      } else {
        clear = clear && !view.scene.InContact(view.scene.BodyId(object.body), view.scene.BodyId(container.body));
      }
    }
    if (!clear) continue;
    const bool flat = container.info->category == "tray" || container.info->category == "plate";
    Question question{"content",
                      std::string("What is ") + (flat ? "on" : "in") + " the " + container.nouns.front() + "?",
                      NothingWords(),
                      {}};
    if (content != nullptr) {
      AnswerWith(view, *content, question);
      question.wrong.insert(question.wrong.end(), NothingWords().begin(), NothingWords().end());
    } else {
      for (const SeenObject& object : view.objects) {
        if (object.body == container.body) continue;
        question.wrong.insert(question.wrong.end(), object.info->phrases_seen.begin(), object.info->phrases_seen.end());
      }
    }
    std::erase_if(question.wrong, [&](const std::string& phrase) {  // "the tray is empty" names the tray
      return std::find(container.nouns.begin(), container.nouns.end(), phrase) != container.nouns.end();
    });
    questions.push_back(question);
  }
}

}  // namespace

const std::vector<std::string>& QuestionKinds() {
  static const std::vector<std::string> kinds{"object", "colour", "side", "neighbour", "count", "content"};
  return kinds;
}

std::vector<Question> AllQuestions(const Scene& scene, const EpisodePlan& plan, const std::string& camera,
                                   double aspect) {
  const View view{scene, LookAtObjects(scene, plan, camera, aspect), ", seen from " + CameraWords(camera)};
  std::vector<Question> questions;
  AskObject(view, questions);
  AskColour(view, questions);
  AskSide(view, questions);
  AskNeighbour(view, questions);
  AskCount(view, questions);
  AskContent(view, questions);
  for (Question& question : questions) {  // two plates have the same names: each phrase once
    std::vector<std::string> once;
    for (const std::string& phrase : question.wrong) {
      if (std::find(once.begin(), once.end(), phrase) == once.end()) once.push_back(phrase);
    }
    question.wrong = once;
  }
  return questions;
}

std::vector<Question> DrawQuestions(Rng& rng, const std::vector<Question>& all, int per_kind) {
  std::vector<Question> drawn;
  for (const std::string& kind : QuestionKinds()) {
    std::vector<Question> of_kind;
    for (const Question& question : all) {
      if (question.kind == kind) of_kind.push_back(question);
    }
    rng.Shuffle(of_kind);
    if (static_cast<int>(of_kind.size()) > per_kind) of_kind.resize(static_cast<std::size_t>(per_kind));
    drawn.insert(drawn.end(), of_kind.begin(), of_kind.end());
  }
  return drawn;
}

}  // namespace divla
