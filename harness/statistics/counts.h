// What the statistics take and give: plain numbers, so that records can hold them.
#pragma once

namespace divla {

struct Interval {  // two-sided, 95 % unless said otherwise
  double low{};
  double high{};
};

// How the pairs fell out. A pair is one episode, played in BASE and in RUN.
struct PairedCounts {
  int both{};     // success in both
  int lost{};     // success in BASE only
  int won{};      // success in RUN only
  int neither{};  // success in none

  int Pairs() const { return both + lost + won + neither; }
  int Base() const { return both + lost; }
  int Run() const { return both + won; }
  // Rate of RUN minus rate of BASE, -1 to 1; 0 without pairs.
  double Difference() const { return Pairs() == 0 ? 0.0 : static_cast<double>(won - lost) / Pairs(); }
  void Add(bool base, bool run) { ++(base ? (run ? both : lost) : (run ? won : neither)); }
  PairedCounts& operator+=(const PairedCounts& other) {
    both += other.both;
    lost += other.lost;
    won += other.won;
    neither += other.neither;
    return *this;
  }
  bool operator==(const PairedCounts&) const = default;
};

}  // namespace divla
