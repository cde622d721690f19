#include "harness/statistics/unpaired.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace divla {
namespace {

struct Known {
  SuccessCount base, run;
  double fisher, boschloo, boschloo_two_sided;
  Interval newcombe;
};

// Python 3.11, scipy 1.17.1 and statsmodels 0.15.0, with t = [[run.k, base.k], [run.n - run.k, base.n - base.k]]:
//   fisher_exact(t, alternative='less'), boschloo_exact(t, alternative='less', n=512) and 'two-sided',
//   confint_proportions_2indep(run.k, run.n, base.k, base.n, method='newcomb', compare='diff')
constexpr std::array<Known, 6> kKnown{{
    {{24, 32}, {15, 32}, 0.019704977610254398, 0.01142887147401327, 0.02285774294802654, {-0.479791111, -0.042355444}},
    {{29, 32}, {25, 32}, 0.15100885280467322, 0.10603319639673979, 0.21206639279347958, {-0.304602480, 0.058865983}},
    {{7, 12},
     {1, 17},
     0.0032522200438242412,
     0.0013954419180116928,
     0.0027908838360233856,
     {-0.753091060, -0.186690772}},
    {{90, 100}, {78, 80}, 0.9925430572923516, 0.9887176334093117, 0.05960260667163919, {-0.001186965, 0.151540716}},
    {{10, 10}, {0, 20}, 3.328339160423118e-08, 5.092866260592335e-09, 1.018573252118467e-08, {-1.0, -0.679086037}},
    {{450, 500},
     {420, 500},
     0.0031135731538435504,
     0.002660272616948049,
     0.005320545233896098,
     {-0.101816190, -0.018319149}},
}};

TEST(Unpaired, EqualsOtherPrograms) {
  for (const Known& known : kKnown) {
    SCOPED_TRACE(testing::Message() << known.base.k << "/" << known.base.n << " " << known.run.k << "/" << known.run.n);
    EXPECT_NEAR(FisherWorse(known.base, known.run) / known.fisher, 1.0, 1e-9);
    EXPECT_NEAR(BoschlooWorse(known.base, known.run) / known.boschloo, 1.0, 1e-3);
    const UnpairedTest test = CompareRates(std::array{TwoRates{known.base, known.run}});
    EXPECT_EQ(test.worse, BoschlooWorse(known.base, known.run));
    EXPECT_NEAR(test.two_sided / known.boschloo_two_sided, 1.0, 1e-3);
    EXPECT_NEAR(test.interval.low, known.newcombe.low, 1e-8);
    EXPECT_NEAR(test.interval.high, known.newcombe.high, 1e-8);
  }
}

double Chance(int n, int k, double rate) {
  return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(rate) +
                  (n - k) * std::log1p(-rate));
}

// The guarantee of an exact test, over all tables: of two equal rates it rejects at most alpha; and it rejects whatever
// Fisher's test does, and more.
TEST(Boschloo, KeepsItsLevelAndSeesMoreThanFisher) {
  constexpr int kBase = 14, kRun = 11;
  std::array<std::array<double, kRun + 1>, kBase + 1> p{}, fisher{};
  for (int base = 0; base <= kBase; ++base) {
    for (int run = 0; run <= kRun; ++run) {
      p.at(static_cast<std::size_t>(base)).at(static_cast<std::size_t>(run)) =
          BoschlooWorse({base, kBase}, {run, kRun});
      fisher.at(static_cast<std::size_t>(base)).at(static_cast<std::size_t>(run)) =
          FisherWorse({base, kBase}, {run, kRun});
      EXPECT_LE(p.at(static_cast<std::size_t>(base)).at(static_cast<std::size_t>(run)),
                fisher.at(static_cast<std::size_t>(base)).at(static_cast<std::size_t>(run)));
    }
  }
  for (double rate = 0.05; rate < 1.0; rate += 0.05) {
    double rejected = 0.0, by_fisher = 0.0;
    for (int base = 0; base <= kBase; ++base) {
      for (int run = 0; run <= kRun; ++run) {
        const double chance = Chance(kBase, base, rate) * Chance(kRun, run, rate);
        if (p.at(static_cast<std::size_t>(base)).at(static_cast<std::size_t>(run)) <= 0.05) rejected += chance;
        if (fisher.at(static_cast<std::size_t>(base)).at(static_cast<std::size_t>(run)) <= 0.05) by_fisher += chance;
      }
    }
    EXPECT_LE(rejected, 0.05 + 1e-9) << rate;
    EXPECT_GE(rejected, by_fisher);
  }
  EXPECT_LT(BoschlooWorse({9, 10}, {5, 10}), 0.05);
  EXPECT_GT(FisherWorse({9, 10}, {5, 10}), 0.05);
}

constexpr std::array<TwoRates, 3> kStrata{{{{7, 10}, {4, 9}}, {{12, 12}, {9, 11}}, {{3, 8}, {3, 8}}}};

// Python 3.11, scipy 1.17.1: the sum over all products of hypergeom(n + m, base.k + run.k, m).pmf with at most, and with
// at least, 16 successes; statsmodels 0.15.0 intervals of the strata, put together as the header says.
TEST(CompareRates, PutsStrataTogether) {
  const UnpairedTest test = CompareRates(kStrata);
  EXPECT_NEAR(test.worse, 0.14034542241051035, 1e-12);
  EXPECT_NEAR(test.two_sided, 2 * 0.14034542241051035, 1e-12);
  EXPECT_NEAR(test.difference, -0.15570660765096422, 1e-12);
  EXPECT_NEAR(test.interval.low, -0.3474385004430165, 1e-9);
  EXPECT_NEAR(test.interval.high, 0.05120407536647287, 1e-9);
}

// Simpson: RUN is better on both tasks, and its plain rate is lower, because it played the hard one more often.
TEST(CompareRates, DoesNotMistakeHarderTasksForAWorsePolicy) {
  const UnpairedTest test = CompareRates(std::array{TwoRates{{80, 100}, {18, 20}}, TwoRates{{4, 20}, {30, 100}}});
  EXPECT_GT(test.difference, 0.0);
  EXPECT_GT(test.worse, 0.5);
  EXPECT_LT(BoschlooWorse({84, 120}, {48, 120}), 0.001);
}

TEST(CompareRates, SaysNothingWithoutTrials) {
  EXPECT_EQ(CompareRates({}).worse, 1.0);
  EXPECT_EQ(CompareRates(std::array{TwoRates{{0, 0}, {3, 9}}}).interval.low, -1.0);
  EXPECT_EQ(UnpairedDifferenceInterval({0, 0}, {3, 9}).high, 1.0);
  EXPECT_EQ(FisherWorse({5, 5}, {9, 9}), 1.0);
  EXPECT_EQ(CompareRates(std::array{TwoRates{{5, 5}, {9, 9}}, TwoRates{{0, 5}, {0, 9}}}).worse, 1.0);
}

TEST(UnpairedDeathTest, RefusesImpossibleCounts) {
  EXPECT_DEATH(BoschlooWorse({3, 2}, {1, 2}), "0 <= k <= n");
  EXPECT_DEATH(CompareRates(std::array{TwoRates{{1, 2}, {-1, 2}}}), "0 <= k <= n");
}

}  // namespace
}  // namespace divla
