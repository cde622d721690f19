#include "tests/policy/policy_test_support.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/check.h"

namespace divla {

TempFolder::TempFolder() {
  std::string name = testing::TempDir() + "/divla-policy-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw MachineError("no temporary folder at " + name);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void PutFile(const std::string& path, const std::string& content) {
  std::ofstream stream(path, std::ios::binary);
  stream << content;
  ASSERT_TRUE(stream.flush().good()) << path;
}

std::string GetFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.good()) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

void ExpectInputError(const std::function<void()>& action, const std::vector<std::string>& parts) {
  try {
    action();
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const std::string& part : parts)
      EXPECT_NE(message.find(part), std::string::npos) << message << "\nwithout: " << part;
    return;
  }
  ADD_FAILURE() << "expected an InputError";
}

RobotInterface TestRobot(const std::string& name) {
  RobotInterface robot;
  robot.name = name;
  const bool panda = name == "panda";
  robot.arms = panda ? 1 : 2;
  robot.cameras = panda ? std::vector<std::string>{"left", "right", "wrist"}
                        : std::vector<std::string>{"cam_high", "cam_left_wrist", "cam_right_wrist"};
  for (int arm = 0; arm < robot.arms; ++arm) {
    const std::string prefix = panda ? "" : arm == 0 ? "left_" : "right_";
    const int joints = panda ? 7 : 6;
    for (int joint = 0; joint < joints; ++joint) {
      robot.state_names.push_back(prefix + "joint" + std::to_string(joint + 1));
      robot.low.push_back(-1.5F);
      robot.high.push_back(1.5F);
      robot.home.push_back(0.1F * static_cast<float>(joint));
    }
    robot.state_names.push_back(prefix + "gripper");
    robot.low.push_back(0);
    robot.high.push_back(1);
    robot.home.push_back(1);
  }
  return robot;
}

std::vector<RobotInterface> TestRobots() { return {TestRobot("panda"), TestRobot("agilex")}; }

Observation TestObservation(const RobotInterface& robot, const PolicyRequirements& requirements, int variant) {
  Observation observation;
  observation.robot = robot.name;
  int number = variant;
  for (const std::string& camera : requirements.cameras) {
    Image image{requirements.image_height, requirements.image_width, {}};
    for (std::size_t i = 0; i < image.ByteCount(); ++i) {
      image.rgb.push_back(static_cast<std::uint8_t>((i * 7 + i / 97 + static_cast<std::size_t>(number) * 31) % 256));
    }
    observation.images[camera] = image;
    ++number;
  }
  for (std::size_t i = 0; i < robot.home.size(); ++i) {
    observation.state.push_back(robot.home[i] - 0.01F * static_cast<float>(variant % 7));
  }
  for (int arm = 0; arm < robot.arms; ++arm) {
    const std::vector<float> tool = {0.4F, 0.1F * static_cast<float>(arm), 0.3F, 1, 0, 0, 0, -1, 0};
    observation.tool.insert(observation.tool.end(), tool.begin(), tool.end());
  }
  observation.instruction = variant % 2 == 0 ? "I am hungry, is there anything I can eat?" : "Pick up the tape.";
  observation.time = 0.05 * variant;
  return observation;
}

}  // namespace divla
