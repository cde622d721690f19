// A folder laid out like Menagerie's franka_emika_panda, with boxes for meshes: body i's box has the half sizes kHalf and
// its middle at BoxMiddle(i) in the body's frame. Kinematics after Franka's published numbers.
#pragma once

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace divla {

class FakeMenagerie {
 public:
  static constexpr std::array<double, 3> kHalf{0.03, 0.045, 0.06};  // m
  static constexpr std::array<const char*, 11> kBodies{"link0", "link1", "link2", "link3",       "link4",       "link5",
                                                       "link6", "link7", "hand",  "left_finger", "right_finger"};
  static std::array<double, 3> BoxMiddle(int body) { return {0.002 * body, -0.01, 0.004 * body}; }

  FakeMenagerie() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("divla_menagerie_" + std::to_string(getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(Folder() / "assets");
    for (int body = 0; body < static_cast<int>(kBodies.size()); ++body) WriteBox(body);
    std::ofstream(Model()) << Text();
  }
  FakeMenagerie(const FakeMenagerie&) = delete;
  FakeMenagerie& operator=(const FakeMenagerie&) = delete;
  ~FakeMenagerie() { std::filesystem::remove_all(path_); }

  std::filesystem::path Root() const { return path_; }
  std::filesystem::path Folder() const { return path_ / "franka_emika_panda"; }
  std::filesystem::path Model() const { return Folder() / "panda.xml"; }
  std::filesystem::path Mesh(const std::string& body) const { return Folder() / "assets" / (body + ".obj"); }

  // The model's text with `from` replaced by `to`.
  void Change(const std::string& from, const std::string& to) const {
    std::string text = Text();
    const std::size_t at = text.find(from);
    if (at == std::string::npos) std::abort();
    std::ofstream(Model()) << text.replace(at, from.size(), to);
  }

 private:
  void WriteBox(int body) const {
    std::ofstream file(Mesh(kBodies.at(static_cast<std::size_t>(body))));
    const std::array<double, 3> middle = BoxMiddle(body);
    for (int corner = 0; corner < 8; ++corner) {
      file << "v";
      for (std::size_t k = 0; k < 3; ++k) {
        file << " " << middle[k] + ((corner >> k & 1) != 0 ? kHalf[k] : -kHalf[k]);
      }
      file << "\n";
    }
    file << "f 1 3 4 2\nf 5 6 8 7\nf 1 2 6 5\nf 3 7 8 4\nf 1 5 7 3\nf 2 4 8 6\n";
  }

  static std::string Body(int index, const std::string& pose, const std::string& joint, const std::string& inner) {
    const std::string name = kBodies.at(static_cast<std::size_t>(index));
    return "<body name=\"" + name + "\" " + pose +
           "><inertial mass=\"1\" pos=\"0 0 0\" diaginertia=\"0.01 0.01 0.01\"/>" + joint + "<geom mesh=\"" + name +
           "\" material=\"" + (index == 3 ? "green" : "red") + "\" class=\"visual\"/><geom mesh=\"" + name +
           "\" class=\"collision\"/>" + inner + "</body>";
  }

  static std::string Text() {
    const std::string hinge = "<joint/>";
    const std::string slide = "<joint type=\"slide\" axis=\"0 1 0\" range=\"0 0.04\"/>";
    std::string tree = Body(9, "pos=\"0 0 0.0584\"", slide, "") +
                       Body(10, "pos=\"0 0 0.0584\" quat=\"0 0 0 1\"", slide,
                            "<geom type=\"box\" size=\"0.01 0.01 0.01\" class=\"collision\"/>");
    tree = Body(8, "pos=\"0 0 0.107\" quat=\"0.9238795 0 0 -0.3826834\"", "", tree);
    constexpr std::array<const char*, 7> kPoses{
        "pos=\"0 0 0.333\"",
        "quat=\"1 -1 0 0\"",
        "pos=\"0 -0.316 0\" quat=\"1 1 0 0\"",
        "pos=\"0.0825 0 0\" quat=\"1 1 0 0\"",
        "pos=\"-0.0825 0.384 0\" quat=\"1 -1 0 0\"",
        "quat=\"1 1 0 0\"",
        "pos=\"0.088 0 0\" quat=\"1 1 0 0\"",
    };
    for (int link = 7; link >= 1; --link) tree = Body(link, kPoses.at(static_cast<std::size_t>(link - 1)), hinge, tree);
    std::string meshes;
    for (const char* body : kBodies) meshes += "<mesh file=\"" + std::string(body) + ".obj\"/>";
    return R"(<mujoco model="panda"><compiler angle="radian" meshdir="assets"/>
<default><default class="visual"><geom type="mesh" contype="0" conaffinity="0" group="2"/></default>
<default class="collision"><geom type="mesh" group="3"/></default></default>
<asset><material name="red" rgba="0.9 0.1 0.05 1" specular="0.25" shininess="0.75"/>
<material name="green" rgba="0.1 0.8 0.1 1"/>
)" + meshes +
           "</asset>\n<worldbody>" + Body(0, "", "", tree) + "</worldbody></mujoco>\n";
  }

  std::filesystem::path path_;
};

// Sets an environment variable and puts back what was there.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before, had_ = true;
    setenv(name, value.c_str(), 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() {
    if (had_) setenv(name_, before_.c_str(), 1);
    if (!had_) unsetenv(name_);
  }

 private:
  const char* name_;
  std::string before_;
  bool had_{};
};

}  // namespace divla
