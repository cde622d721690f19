#include "harness/proof/state_field.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "sim/scene.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

// Every number of a state is written into its own field, then looked for at its place in the row.
TEST(StateFieldTest, NamesTheFieldThatHoldsTheNumber) {
  for (const char* name : {"cube_to_coloured_box", "transfer_cube"}) {
    const Task& task = FindTask(name);
    Scene scene = task.Build(DrawEpisode(task, 1, {name, "none", 0, 0}));
    const mjModel& model = scene.Model();
    mjData& data = scene.MutableData();
    const std::vector<double> before = scene.SaveState();
    std::set<std::string> names;
    const auto expect = [&](double& number, const std::string& field, const std::string& of) {
      const double old = number;
      number = 1234.5;
      const std::vector<double> after = scene.SaveState();
      number = old;
      int changed = -1;
      for (std::size_t i = 0; i < after.size(); ++i) {
        if (after[i] == 1234.5) changed = static_cast<int>(i);
      }
      const std::string text = StateFieldName(model, changed);
      EXPECT_TRUE(text.starts_with(field)) << text << " is no " << field;
      EXPECT_NE(text.find(of), std::string::npos) << text << " is not of " << of;
      EXPECT_TRUE(names.insert(text).second) << text << " twice";
    };
    const auto named = [&](mjtObj type, int id) { return std::string(mj_id2name(&model, type, id)); };
    expect(data.time, "time", "");
    for (int joint = 0; joint < model.njnt; ++joint) {
      const bool free = model.jnt_type[joint] == mjJNT_FREE;
      const std::string of = free ? named(mjOBJ_BODY, model.jnt_bodyid[joint]) : named(mjOBJ_JOINT, joint);
      for (int k = 0; k < (free ? 7 : 1); ++k) {
        const int i = model.jnt_qposadr[joint] + k;
        expect(data.qpos[i], fmt::format("qpos[{}]", i), of);
      }
      for (int k = 0; k < (free ? 6 : 1); ++k) {
        const int i = model.jnt_dofadr[joint] + k;
        expect(data.qvel[i], fmt::format("qvel[{}]", i), of);
        expect(data.qacc_warmstart[i], fmt::format("qacc_warmstart[{}]", i), of);
        expect(data.qfrc_applied[i], fmt::format("qfrc_applied[{}]", i), of);
      }
    }
    for (int i = 0; i < model.nu; ++i) expect(data.ctrl[i], fmt::format("ctrl[{}]", i), named(mjOBJ_ACTUATOR, i));
    expect(data.xfrc_applied[6 * 3 + 1], "xfrc_applied[19]", named(mjOBJ_BODY, 3));
    EXPECT_EQ(StateFieldName(model, static_cast<int>(before.size())), fmt::format("state[{}]", before.size()));
  }
}

}  // namespace
}  // namespace divla
