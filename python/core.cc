// divla_bench._core: the suite's tasks and the environments of harness/environment/ for Python. Arrays that go out are
// new ones each time; the lock of the interpreter is released while environments begin, step and draw.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/environment/environment_batch.h"
#include "sim/check.h"
#include "sim/libm_binding.h"
#include "tasks/registry.h"

namespace py = pybind11;

namespace divla {
namespace {

template <class Number>
using Array = py::array_t<Number, py::array::c_style | py::array::forcecast>;

template <class Number>
py::array ToArray(const std::vector<Number>& values, const std::vector<py::ssize_t>& shape) {
  return py::array_t<Number>(shape, values.data());
}

py::array ToArray(const Image& image) { return ToArray(image.rgb, {image.height, image.width, 3}); }

py::dict ToDict(const EnvironmentReport& report) {
  py::dict stages;
  for (const Stage& stage : report.stages) stages[py::str(stage.name)] = stage.done;
  py::dict hash;
  hash["scene"] = report.hash.scene;
  hash["initial_state"] = report.hash.initial_state;
  if (!report.termination.empty()) {
    hash["frames"] = report.hash.frames;
    hash["actions"] = report.hash.actions;
    hash["states"] = report.hash.states;
  }
  py::dict predicates;
  predicates["goal_now"] = report.goal_now;
  predicates["goal_once"] = report.goal_once;
  predicates["goal_held"] = report.goal_held;
  py::dict objects;
  objects["placed"] = report.objects.placed;
  objects["total"] = report.objects.total;
  py::dict info;
  info["success"] = report.success;
  info["progress"] = report.progress;
  info["predicates"] = predicates;
  info["stages"] = stages;
  info["objects"] = objects;
  info["steps"] = report.steps;
  info["instruction"] = report.instruction;
  info["seed"] = report.choice.seed;
  info["index"] = report.choice.index;
  info["key"] = ToString(report.key);
  info["hash"] = hash;
  info["termination"] = report.termination;
  info["failure"] = report.failure;
  info["error"] = report.error;
  return info;
}

class Batch {
 public:
  Batch(const std::string& task, const BatchOptions& options) : batch_(FindTask(task), options) {}

  void Reset(const std::vector<std::optional<std::pair<std::uint64_t, int>>>& choices) {
    std::vector<std::optional<EpisodeChoice>> chosen;
    for (const auto& choice : choices) {
      chosen.push_back(choice ? std::optional(EpisodeChoice{choice->first, choice->second}) : std::nullopt);
    }
    Alone([&] { batch_.Reset(chosen); });
  }

  void ResetToNext(const std::vector<bool>& mask) {
    Alone([&] { batch_.ResetToNext(mask); });
  }

  void Step(const Array<float>& actions) {
    const std::span<const float> numbers(actions.data(), static_cast<std::size_t>(actions.size()));
    Alone([&] { batch_.Step(numbers); });
  }

  py::list Render(int height, int width) {
    std::vector<Image> pictures;
    Alone([&] { pictures = batch_.Pictures(height, width); });
    py::list arrays;
    for (const Image& picture : pictures) arrays.append(ToArray(picture));
    return arrays;
  }

  // With a first axis for the environments.
  py::dict Observations() const { return ToDict(batch_.Observations(), batch_.Size()); }

  // (rewards float64, terminations bool, truncations bool) of the last call.
  py::tuple Results() const {
    py::array_t<double> rewards(batch_.Size());
    py::array_t<bool> terminations(batch_.Size()), truncations(batch_.Size());
    for (int i = 0; i < batch_.Size(); ++i) {
      const EnvironmentStep& result = batch_.Result(i);
      rewards.mutable_at(i) = result.reward;
      terminations.mutable_at(i) = result.terminated;
      truncations.mutable_at(i) = result.truncated;
    }
    return py::make_tuple(rewards, terminations, truncations);
  }

  py::dict Report(int environment) const { return divla::ToDict(batch_.Report(Checked(environment))); }

  // (observation with a first axis of 1, report) of an episode that the last step ended and replaced, else None.
  py::object Final(int environment) const {
    const std::optional<FinalMoment>& final_moment = batch_.Final(Checked(environment));
    if (!final_moment) return py::none();
    return py::make_tuple(ToDict(final_moment->observation, 1), divla::ToDict(final_moment->report));
  }

  py::dict Shape() const {
    const EnvironmentShape& shape = batch_.Shape();
    py::dict out;
    out["robot"] = shape.robot.name;
    out["arms"] = shape.robot.arms;
    out["cameras"] = shape.pictures.cameras;
    out["height"] = shape.pictures.height;
    out["width"] = shape.pictures.width;
    out["state_names"] = shape.robot.state_names;
    out["state_low"] = shape.robot.low;
    out["state_high"] = shape.robot.high;
    out["home"] = shape.robot.home;
    out["action_dim"] = shape.action_dim;
    out["tool_dim"] = shape.ToolDim();
    out["horizon"] = shape.horizon;
    out["threads"] = batch_.Threads();
    return out;
  }

 private:
  py::dict ToDict(const ObservationBatch& batch, int size) const {
    const EnvironmentShape& shape = batch_.Shape();
    py::dict images;
    for (std::size_t i = 0; i < shape.pictures.cameras.size(); ++i) {
      images[py::str(shape.pictures.cameras[i])] =
          ToArray(batch.images[i], {size, shape.pictures.height, shape.pictures.width, 3});
    }
    py::dict observation;
    observation["images"] = images;
    observation["state"] = ToArray(batch.state, {size, shape.StateDim()});
    observation["tool"] = ToArray(batch.tool, {size, shape.ToolDim()});
    observation["prompt"] = py::tuple(py::cast(batch.instructions));
    return observation;
  }

  int Checked(int environment) const {
    if (environment < 0 || environment >= batch_.Size()) throw py::index_error("no such environment");
    return environment;
  }

  // Without the interpreter's lock, other Python threads run: a second call of theirs would meet a batch in mid-step.
  template <class Call>
  void Alone(const Call& call) {
    if (busy_.exchange(true)) throw InputError("environments: expected one call at a time, found a second one");
    struct Release {
      std::atomic<bool>& busy;
      ~Release() { busy = false; }
    } release{busy_};
    const py::gil_scoped_release unlocked;
    call();
  }

  EnvironmentBatch batch_;
  std::atomic<bool> busy_{false};
};

std::unique_ptr<Batch> MakeBatch(const std::string& task, const std::string& axis, int level, const std::string& action,
                                 const std::optional<std::vector<std::string>>& cameras, int height, int width,
                                 const std::string& reward, const std::string& renderer, int num_envs, int threads,
                                 const std::string& autoreset) {
  BatchOptions options;
  if (action == "end_effector_pose") {
    options.environment.action_kind = ActionKind::kEndEffectorPose;
  } else if (action != "joint_position") {
    throw InputError("action: expected joint_position or end_effector_pose, found '" + action + "'");
  }
  options.environment.axis = axis;
  options.environment.level = level;
  options.environment.cameras = cameras;
  options.environment.height = height;
  options.environment.width = width;
  options.environment.reward = RewardNamed(reward, "reward");
  options.renderer = ParseRendererKind(renderer);
  options.size = num_envs;
  options.threads = threads;
  options.autoreset = AutoresetNamed(autoreset, "autoreset");
  return std::make_unique<Batch>(task, options);
}

py::list Tasks() {
  py::list tasks;
  for (const Task* task : AllTasks()) {
    const TaskSpec& spec = task->Spec();
    py::dict entry;
    entry["name"] = spec.name;
    entry["summary"] = spec.summary;
    entry["robot"] = spec.robot;
    entry["horizon"] = spec.horizon;
    entry["evaluation_only"] = spec.evaluation_only;
    entry["instructions_seen"] = spec.instructions_seen;
    entry["instructions_unseen"] = spec.instructions_unseen;
    tasks.append(entry);
  }
  return tasks;
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  py::register_exception_translator([](std::exception_ptr raised) {
    try {
      if (raised) std::rethrow_exception(raised);
    } catch (const InputError& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    } catch (const MachineError& error) {
      PyErr_SetString(PyExc_RuntimeError, error.what());
    }
  });
  module.def("tasks", &Tasks, "What tasks there are, in the order of the tables.");
  module.def("foreign_functions", &ForeignFunctions,
             "Functions that MuJoCo takes from elsewhere than this module; none, or episodes have other bytes.");
  py::class_<Batch>(module, "Batch")
      .def(py::init(&MakeBatch), py::kw_only(), py::arg("task"), py::arg("axis"), py::arg("level"), py::arg("action"),
           py::arg("cameras"), py::arg("height"), py::arg("width"), py::arg("reward"), py::arg("renderer"),
           py::arg("num_envs"), py::arg("threads"), py::arg("autoreset"))
      .def("reset", &Batch::Reset, py::arg("choices"), "One (seed, index) or None for each environment.")
      .def("reset_to_next", &Batch::ResetToNext, py::arg("mask"))
      .def("step", &Batch::Step, py::arg("actions"))
      .def("observations", &Batch::Observations)
      .def("results", &Batch::Results)
      .def("report", &Batch::Report, py::arg("environment"))
      .def("final", &Batch::Final, py::arg("environment"))
      .def("render", &Batch::Render, py::arg("height"), py::arg("width"))
      .def_property_readonly("shape", &Batch::Shape);
}

}  // namespace divla
