#include "tasks/object_selection/object_selection.h"

#include <fmt/format.h>

#include "sim/check.h"
#include "tasks/pick_place.h"
#include "tasks/table_top.h"
#include "tasks/table_top_task.h"
#include "tasks/wordings.h"

namespace divla {
namespace {

constexpr Region kRegion{0.36, 0.60, -0.22, 0.14};                  // m
constexpr double kTrayX = 0.50, kTrayY = 0.30, kTrayJitter = 0.02;  // m
constexpr const char* kTray = "object_white_tray";
constexpr double kReleaseClearance = 0.020;             // m, tool above the grasp height on the tray when it lets go
constexpr double kLiftedHeight = 0.05;                  // m, of the object's base
constexpr double kWiderSubstitute = 1.2;                // of the usual object's footprint
constexpr double kWidestGrasp = 0.068;                  // m
constexpr const char* kTwoHandled = "two_handled_pot";  // a family that needs both handles between the fingers

// What a person may want, and the object that serves it.
struct Intent {
  std::string object_id;
  std::string phrase;     // what the reasoning calls the object
  std::string reasoning;  // the paper's sentence, {} for the phrase
  std::string attribute;  // what an object must be good for to serve it
  std::vector<std::string> seen;
  std::vector<std::string> unseen;    // held out, the need said in other words
  std::vector<std::string> indirect;  // held out, the need must be guessed from the speaker's situation
};

const std::vector<Intent>& Intents() {
  static const std::vector<Intent> intents{
      {"bread",
       "bread",
       "Sure, there is a {} you can eat.",
       "edible",
       {"I am hungry, is there anything I can eat?", "I want something to eat.", "I would like a snack, please.",
        "I skipped breakfast, give me some food.", "Can you find me something to eat?"},
       {"My stomach is growling, what have you got?", "It is lunch time, help me out.", "I could do with a bite.",
        "Something to chew on would be lovely.", "Feed me, please."},
       {"I have been running all morning and my energy is gone.", "The soup is ready, what goes with it?",
        "Nobody should begin a hike on an empty stomach.", "My guests arrive at noon and the plates are bare.",
        "I want to make a sandwich."}},
      {"metal_pot",
       "silver pot",
       "Sure, there is a {} on the table.",
       "holds_liquid",
       {"I want a container to put water in, can you help me?", "I need something to hold water.",
        "I want to boil water, can you help me?", "Is there anything I can put water in?",
        "Give me a container for water."},
       {"I would like to cook some soup.", "Where could I keep a litre of liquid?", "I am going to heat some milk.",
        "I need to simmer vegetables.", "Find me a vessel for the stove."},
       {"The noodles are still hard.", "The tap drips, what shall I put below it?",
        "The pipes are shut off tomorrow, I should store some now.", "I have milk, cocoa and a stove.",
        "Rain comes through the roof."}},
      {"tape",
       "tape",
       "Sure, there is a {} which can help you.",
       "sticks",
       {"I want to post a poster, can you help me?", "I need to stick a poster on the wall.",
        "Help me put up a poster.", "I want to stick two papers together.", "Give me something to stick paper with."},
       {"This parcel must be sealed before I send it.", "The photo keeps falling off the wall.",
        "A page is torn, I have to mend it.", "The carton has to be closed for the courier.",
        "Fix this note to the door for me."},
       {"The concert is on Friday and nobody has seen the announcement yet.", "The wrapping of the present came open.",
        "My banknote is in two halves.", "The label keeps coming off the jar.",
        "The children want their drawings on the wall."}},
  };
  return intents;
}

const Intent& IntentFor(const std::string& body) {
  for (const Intent& intent : Intents()) {
    if (body == "object_" + intent.object_id) return intent;
  }
  throw InputError("object_selection: target '" + body + "' serves none of its intents");
}

TaskSpec MakeSpec() {
  TaskSpec spec;
  spec.name = "object_selection";
  spec.summary =
      "Panda: choose the object that serves a stated need (eat, hold water, post a poster) and put it on the tray";
  spec.robot = "panda";
  spec.horizon = 240;
  for (const Intent& intent : Intents()) {
    spec.instructions_seen.insert(spec.instructions_seen.end(), intent.seen.begin(), intent.seen.end());
    spec.instructions_unseen.insert(spec.instructions_unseen.end(), intent.unseen.begin(), intent.unseen.end());
  }
  return spec;
}

class ObjectSelectionTask final : public TableTopTask {
 public:
  ObjectSelectionTask() : TableTopTask(MakeSpec(), {"left", "right"}, 0) {}

  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override {
    return PickPlaceStatus(scene, plan, 0, kLiftedHeight);
  }

  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override {
    return TruthFor(scene, plan, IntentFor(plan.target));
  }

  std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const override {
    std::vector<Alternative> others;
    for (const Intent& intent : Intents()) {
      if (plan.target == "object_" + intent.object_id) continue;
      for (const std::string& text : intent.seen) others.push_back({text, TruthFor(scene, plan, intent)});
    }
    return others;
  }

  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override {
    const ObjectInfo& object = PlacedObject(plan, plan.target);
    std::array<double, 3> place{};
    for (const ObjectPlacement& placement : plan.objects) {
      if (placement.body == plan.destination) place = placement.position;
    }
    place[2] = object.grasps.front().position[2] + kReleaseClearance;
    return MakePickPlaceExpert(plan, place);
  }

  // Whatever serves the need: an instance by its category, else by what it is good for.
  std::vector<std::string> Substitutes(const EpisodePlan& plan, const std::string& body,
                                       Novelty novelty) const override {
    std::vector<std::string> ids;
    if (novelty == Novelty::kInstance) {
      ids = Task::Substitutes(plan, body, novelty);
      std::erase_if(ids, [](const std::string& id) { return FindObject(id).family == kTwoHandled; });
      return ids;
    }
    const ObjectInfo& usual = PlacedObject(plan, body);
    for (const ObjectInfo& object : Catalogue()) {
      if (object.split == "unseen_category" && HasAttribute(object, IntentFor(body).attribute) && !object.fixed &&
          !object.container && object.radius <= kWiderSubstitute * usual.radius &&
          object.grasps.front().width <= kWidestGrasp) {
        ids.push_back(object.id);
      }
    }
    return ids;
  }

  bool HasIntervention(InterventionKind kind) const override { return kind == InterventionKind::kInstruction; }
  // Another need, and so another object; the one in the gripper is in the way now.
  std::optional<EpisodePlan> Intervene(const Scene&, const EpisodePlan& plan, InterventionKind kind, const std::string&,
                                       Rng& rng) const override {
    if (!HasIntervention(kind)) return std::nullopt;
    std::vector<const Intent*> others;
    for (const Intent& intent : Intents()) {
      if (plan.target != "object_" + intent.object_id) others.push_back(&intent);
    }
    const Intent& intent = *others[static_cast<std::size_t>(rng.Int(static_cast<int>(others.size())))];
    EpisodePlan next = plan;
    next.instruction = intent.seen[static_cast<std::size_t>(rng.Int(static_cast<int>(intent.seen.size())))];
    next.target = "object_" + intent.object_id;
    return next;
  }

  Wordings Words(const EpisodePlan& plan) const override {
    const Intent& intent = IntentFor(plan.target);
    return {intent.unseen, intent.indirect,
            PickPlaceSteps("the " + intent.phrase, "put it on the white tray", "the white tray")};
  }

 private:
  void DrawInstruction(Rng& rng, EpisodePlan& plan) const override {
    const Intent& intent = Intents()[static_cast<std::size_t>(rng.Int(static_cast<int>(Intents().size())))];
    plan.instruction = intent.seen[static_cast<std::size_t>(rng.Int(static_cast<int>(intent.seen.size())))];
    plan.target = "object_" + intent.object_id;
    plan.destination = kTray;
  }

  void DrawLayout(Rng& rng, EpisodePlan& plan) const override {
    ObjectPlacement tray{"white_tray", kTray, {}, 0};
    tray.position = {kTrayX + rng.Uniform(-kTrayJitter, kTrayJitter), kTrayY + rng.Uniform(-kTrayJitter, kTrayJitter),
                     0};
    plan.objects.push_back(tray);
    std::vector<std::string> things;
    for (const Intent& each : Intents()) things.push_back(each.object_id);
    for (const char* distractor : {"sponge", "bowl"}) {
      if (rng.Uniform() < 0.5) things.emplace_back(distractor);
    }
    rng.Shuffle(things);
    for (const std::string& thing : things) PlaceObject(rng, thing, kRegion, 0.4, 0.02, plan.objects);
  }

  static GroundTruth TruthFor(const Scene& scene, const EpisodePlan& plan, const Intent& intent) {
    const std::string body = "object_" + intent.object_id;
    GroundTruth truth;
    const std::string phrase = NounOf(plan, body, intent.phrase);
    truth.text = fmt::format(fmt::runtime(intent.reasoning), phrase);
    truth.required = {phrase};
    truth.object_body = body;
    truth.destination_body = kTray;
    truth.object_position = GraspPose(scene, body, PlacedObject(plan, body)).position;
    truth.destination_position = scene.BodyPosition(scene.BodyId(kTray));
    return truth;
  }
};

}  // namespace

const Task& ObjectSelection() {
  static const ObjectSelectionTask task;
  return task;
}

}  // namespace divla
