#include "harness/bench/bench_libm.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "harness/statistics.h"
#include "sim/libm/libm.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr int kArguments = 1024;
constexpr int kRounds = 4;  // over the arguments in one block

using OneDouble = double (*)(double);
using TwoDoubles = double (*)(double, double);
using OneFloat = float (*)(float);
using TwoFloats = float (*)(float, float);

struct Range {
  double low;
  double high;
};

double Call(OneDouble function, double x, double /*y*/) { return function(x); }
double Call(TwoDoubles function, double x, double y) { return function(x, y); }
double Call(OneFloat function, double x, double /*y*/) { return static_cast<double>(function(static_cast<float>(x))); }
double Call(TwoFloats function, double x, double y) {
  return static_cast<double>(function(static_cast<float>(x), static_cast<float>(y)));
}

// Nanoseconds of a call in one block.
template <class Function>
double Block(Function function, const std::array<double, kArguments>& xs, const std::array<double, kArguments>& ys) {
  const auto start = std::chrono::steady_clock::now();
  volatile double sum = 0;
  for (int round = 0; round < kRounds; ++round) {
    double part = 0;
    for (int i = 0; i < kArguments; ++i) {
      part += Call(function, xs[static_cast<std::size_t>(i)], ys[static_cast<std::size_t>(i)]);
    }
    sum = sum + part;
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() * 1e9 / (kRounds * kArguments);
}

// Measures `ours` and glibc's function of the same name and reports them; returns the ratio, 0 when glibc has none.
template <class Function>
double Compare(void* libm, const char* name, Function ours, Range x_range, Range y_range, double seconds,
               const std::function<void(BenchFigure)>& report) {
  // Called through a volatile pointer as glibc's is, so that neither can be built into the loop.
  Function volatile own = ours;
  const auto glibc = reinterpret_cast<Function>(dlsym(libm, name));
  if (glibc == nullptr) return 0;
  Rng rng({1, "bench", "none", 0, 0, name, 0});
  std::array<double, kArguments> xs;
  std::array<double, kArguments> ys;
  for (double& x : xs) x = rng.Uniform(x_range.low, x_range.high);
  for (double& y : ys) y = rng.Uniform(y_range.low, y_range.high);
  std::vector<double> own_blocks;
  std::vector<double> glibc_blocks;
  const auto start = std::chrono::steady_clock::now();
  while (own_blocks.size() < 15 || std::chrono::steady_clock::now() - start < std::chrono::duration<double>(seconds)) {
    own_blocks.push_back(Block(static_cast<Function>(own), xs, ys));
    glibc_blocks.push_back(Block(glibc, xs, ys));
  }
  const double own_time = *Median(own_blocks);
  const double glibc_time = *Median(glibc_blocks);
  const double ratio = own_time / glibc_time;
  report({name, own_time, "ns", {}, false, fmt::format("{:.2f} times glibc's {:.1f} ns", ratio, glibc_time)});
  return ratio;
}

}  // namespace

void MeasureLibm(double seconds, const std::function<void(BenchFigure)>& report) {
  void* libm = dlopen("libm.so.6", RTLD_NOW);
  if (libm == nullptr) return;
  constexpr int kFunctions = 18;
  const double each = seconds / kFunctions;
  constexpr Range kAngle{-4, 4};
  constexpr Range kUnit{-1, 1};
  constexpr Range kPositive{0.05, 10};
  constexpr Range kPower{-3, 3};
  double worst = 0;
  const auto keep = [&worst](double ratio) { worst = std::max(worst, ratio); };
  const auto one = [&](const char* name, OneDouble ours, Range range) {
    keep(Compare(libm, name, ours, range, range, each, report));
  };
  const auto two = [&](const char* name, TwoDoubles ours, Range x, Range y) {
    keep(Compare(libm, name, ours, x, y, each, report));
  };
  one("sin", sin, kAngle);
  one("cos", cos, kAngle);
  one("tan", tan, kAngle);
  one("asin", asin, kUnit);
  one("acos", acos, kUnit);
  one("atan", atan, kAngle);
  two("atan2", atan2, kUnit, kUnit);
  one("exp", exp, kAngle);
  one("log", log, kPositive);
  one("log10", log10, kPositive);
  two("pow", pow, kPositive, kPower);
  one("cbrt", cbrt, kPositive);
  two("hypot", hypot, kUnit, kUnit);
  for (const auto& [name, ours] : {std::pair<const char*, OneFloat>{"sinf", sinf}, {"cosf", cosf}}) {
    keep(Compare(libm, name, ours, kAngle, kAngle, each, report));
  }
  keep(Compare(libm, "log10f", static_cast<OneFloat>(log10f), kPositive, kPositive, each, report));
  keep(Compare(libm, "atan2f", static_cast<TwoFloats>(atan2f), kUnit, kUnit, each, report));
  keep(Compare(libm, "powf", static_cast<TwoFloats>(powf), kPositive, kPower, each, report));
  dlclose(libm);
  report({"elementary functions, slowest against glibc", worst, "x", 2.0, false, "the largest of the ratios above"});
}

}  // namespace divla
