// Prints one line for each picture of the software renderer: what is drawn, size, hash of the view (what MuJoCo says is
// to be seen), hash of picture, depth and ids. pixels.sh runs it in many builds and compares.
//   pixel_hashes [THREADS]    every thread draws all with its own renderer; they must agree, else exit code 1
//   pixel_hashes ready        exit code 3 where the processor lacks the instruction set of DIVLA_RENDER_ISA
//   pixel_hashes libm         one hash of libm's functions: shows whether a setting changed them
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sim/check.h"
#include "sim/hash.h"
#include "sim/render/renderer.h"
#include "sim/scene_builder.h"
#include "tasks/registry.h"
#include "tests/sim/render/software/all_shapes.h"

namespace divla {
namespace {

void AddPictures(const std::string& name, const Scene& scene, const std::vector<std::string>& cameras,
                 std::vector<std::string>& lines) {
  const auto renderer = MakeSoftwareRenderer();
  SceneView view;
  for (const std::string& camera : cameras) {
    for (const auto& [height, width] : {std::pair{224, 224}, std::pair{97, 61}}) {
      const mjvScene& seen = view.Update(scene, scene.CameraId(camera));
      const Frame frame = renderer->DrawFrame(scene, seen, height, width);
      Hasher hasher;
      hasher.Add(frame.image.rgb.data(), frame.image.rgb.size());
      hasher.Add(frame.depth.data(), frame.depth.size() * sizeof frame.depth[0]);
      hasher.Add(frame.segmentation.data(), frame.segmentation.size() * sizeof frame.segmentation[0]);
      lines.push_back(name + " " + camera + " " + std::to_string(height) + "x" + std::to_string(width) + " view " +
                      HashView(seen) + " picture " + hasher.Hex());
    }
  }
}

Scene BuildAllShapes(int thread) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() /
      ("divla_pixel_hashes_" + std::to_string(getpid()) + "_" + std::to_string(thread) + ".xml");
  std::ofstream(file) << "<mujoco><asset>" << software::AllShapesAssets() << "</asset><worldbody>"
                      << software::AllShapesBodies() << "</worldbody></mujoco>";
  Scene scene = SceneBuilder(file, FindRobot("panda")).Build();
  std::filesystem::remove(file);
  scene.Forward();
  return scene;
}

std::vector<std::string> DrawAll(int thread) {
  std::vector<std::string> lines;
  AddPictures("all_shapes", BuildAllShapes(thread), {"front", "side", "low", "away"}, lines);
  for (const Task* task : AllTasks()) {
    const std::string& name = task->Spec().name;
    const Scene scene = task->Build(task->Draw(1, {name, "none", 0, 0}));
    AddPictures(name, scene, scene.GetRobot().spec.cameras, lines);
  }
  return lines;
}

// The functions that MuJoCo imports. Called through a table, so that no compiler works them out beforehand.
std::string HashLibm() {
  const std::vector<double (*)(double)> functions = {std::sin,  std::cos,  std::tan, std::asin,
                                                     std::acos, std::atan, std::exp, std::log};
  Hasher hasher;
  for (const auto function : functions) {
    for (int i = 1; i < 20000; ++i) {
      const double value = function(i / 20000.0);
      hasher.Add(&value, sizeof value);
    }
  }
  return hasher.Hex();
}

int Run(const std::string& word) {
  if (word == "libm") {
    std::printf("%s\n", HashLibm().c_str());
    return 0;
  }
  if (word == "ready") {
    MakeSoftwareRenderer();
    return 0;
  }
  const int count = std::atoi(word.c_str());
  if (count < 1) {
    std::fprintf(stderr, "pixel_hashes [THREADS | ready | libm]\n");
    return 2;
  }
  std::vector<std::vector<std::string>> found(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&found, i] { found[static_cast<std::size_t>(i)] = DrawAll(i); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& line : found.front()) std::printf("%s\n", line.c_str());
  for (const auto& lines : found) {
    if (lines != found.front()) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace divla

int main(int count, char** words) {
  try {
    return divla::Run(count > 1 ? words[1] : "1");
  } catch (const divla::MachineError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
