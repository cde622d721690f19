// Who computes a sine: every reference, of this program, of libmujoco.so and of what is looked up by name, is bound to
// sim/libm.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include "sim/libm/libm.h"
#include "sim/libm_binding.h"

namespace divla {
namespace {

const std::map<std::string, void*>& OurFunctions() {
  static const std::map<std::string, void*> functions = {
      {"sin", reinterpret_cast<void*>(static_cast<double (*)(double)>(sin))},
      {"cos", reinterpret_cast<void*>(static_cast<double (*)(double)>(cos))},
      {"tan", reinterpret_cast<void*>(static_cast<double (*)(double)>(tan))},
      {"sincos", reinterpret_cast<void*>(sincos)},
      {"asin", reinterpret_cast<void*>(static_cast<double (*)(double)>(asin))},
      {"acos", reinterpret_cast<void*>(static_cast<double (*)(double)>(acos))},
      {"atan", reinterpret_cast<void*>(static_cast<double (*)(double)>(atan))},
      {"atan2", reinterpret_cast<void*>(static_cast<double (*)(double, double)>(atan2))},
      {"exp", reinterpret_cast<void*>(static_cast<double (*)(double)>(exp))},
      {"log", reinterpret_cast<void*>(static_cast<double (*)(double)>(log))},
      {"log10", reinterpret_cast<void*>(static_cast<double (*)(double)>(log10))},
      {"pow", reinterpret_cast<void*>(static_cast<double (*)(double, double)>(pow))},
      {"cbrt", reinterpret_cast<void*>(static_cast<double (*)(double)>(cbrt))},
      {"hypot", reinterpret_cast<void*>(static_cast<double (*)(double, double)>(hypot))},
      {"sinf", reinterpret_cast<void*>(sinf)},
      {"cosf", reinterpret_cast<void*>(cosf)},
      {"sincosf", reinterpret_cast<void*>(sincosf)},
      {"atan2f", reinterpret_cast<void*>(atan2f)},
      {"log10f", reinterpret_cast<void*>(log10f)},
      {"powf", reinterpret_cast<void*>(powf)}};
  return functions;
}

std::string FileOf(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 ? info.dli_fname : "nowhere";
}

TEST(LibmBinding, NamesLeadToThisProgram) {
  const std::string program = FileOf(reinterpret_cast<void*>(&OurFunctions));
  for (const auto& [name, address] : OurFunctions()) {
    EXPECT_EQ(dlsym(RTLD_DEFAULT, name.c_str()), address) << name;
    EXPECT_EQ(FileOf(address), program) << name;
  }
}

TEST(LibmBinding, MujocoCallsOurs) {
  int ours = 0;
  for (const auto& [name, address] : MujocoFunctions()) {
    const auto found = OurFunctions().find(name);
    if (found != OurFunctions().end()) {
      EXPECT_EQ(address, found->second) << name << " is bound to " << FileOf(address);
      ++ours;
      continue;
    }
    // Whatever else MuJoCo takes from libm must be exactly rounded by definition.
    if (FileOf(address).find("/libm.so") != std::string::npos) {
      EXPECT_TRUE(name == "sqrt" || name == "floor" || name == "llround") << name;
    }
  }
  EXPECT_GE(ours, 15) << "libmujoco.so imports at least these";
}

TEST(LibmBinding, MujocoGivesOurBitsWhereGlibcsDiffer) {
  void* libm = dlopen("libm.so.6", RTLD_NOW);
  ASSERT_NE(libm, nullptr);
  const auto glibc_sin = reinterpret_cast<double (*)(double)>(dlsym(libm, "sin"));
  ASSERT_NE(reinterpret_cast<void*>(glibc_sin), OurFunctions().at("sin"));
  int differences = 0;
  const mjtNum axis[3] = {1, 0, 0};
  for (int i = 1; i <= 200000; ++i) {
    const double half = i * 0x1.9p-17;
    const double ours = sin(half);
    if (glibc_sin(half) == ours) continue;
    ++differences;
    mjtNum quat[4];
    mju_axisAngle2Quat(quat, axis, 2 * half);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(quat[1]), std::bit_cast<std::uint64_t>(ours)) << half;
  }
  dlclose(libm);
  EXPECT_GT(differences, 0) << "no argument tells the two apart, so this test shows nothing";
}

TEST(LibmBinding, OverloadsAndConstantsComeFromOurs) {
  // With these arguments known, a compiler could compute the results itself; the volatile copies cannot be.
  volatile double x = 0.8;
  volatile float f = 0.8F;
  EXPECT_EQ(std::sin(0.8), std::sin(x));
  EXPECT_EQ(std::pow(10000.0, -0.125), std::pow(10000.0 * (x / x), -0.125));
  EXPECT_EQ(std::sin(0.8F), sinf(f));
  EXPECT_EQ(std::pow(0.8F, 1.7F), powf(f, 1.7F));
  EXPECT_EQ(std::atan2(0.8F, -0.3F), atan2f(f, -0.3F));
}

TEST(LibmBinding, SincosIsSinAndCos) {
  for (int i = -3000; i <= 3000; ++i) {
    const double x = i * 0x1.1p-5;
    double sine = 0;
    double cosine = 0;
    sincos(x, &sine, &cosine);
    EXPECT_EQ(sine, sin(x));
    EXPECT_EQ(cosine, cos(x));
    float float_sine = 0;
    float float_cosine = 0;
    sincosf(static_cast<float>(x), &float_sine, &float_cosine);
    EXPECT_EQ(float_sine, sinf(static_cast<float>(x)));
    EXPECT_EQ(float_cosine, cosf(static_cast<float>(x)));
  }
}

}  // namespace
}  // namespace divla
