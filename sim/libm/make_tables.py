#!/usr/bin/env python3
"""Writes the tables beside this file, *_table.cc.

    python3 sim/libm/make_tables.py

Needs mpmath. Every number is computed with 1500 bits and rounded to nearest once; what each table holds, and why it is
split as it is, stands in tables.h. The polynomials in the functions are Taylor series, but for CbrtStart, whose
coefficients this script prints.
"""
import pathlib
from mpmath import mp, mpf, acos, asin, atan, cbrt, chebyfit, cos, exp, floor, frexp, ldexp, log, nint, pi, sin, sqrt

mp.prec = 1500
HERE = pathlib.Path(__file__).parent


def rounded(x, bits=53):
    """x to nearest with so many bits of mantissa."""
    if x == 0:
        return mpf(0)
    mantissa, exponent = frexp(x)
    return ldexp(nint(ldexp(mantissa, bits)), exponent - bits)


def text(x):
    number = float(x)
    assert mpf(number) == x
    return number.hex() if number else "0.0"


def split(x, bits):
    """x as head + tail: the head has so many bits, the tail is a double."""
    head = rounded(x, bits)
    return head, rounded(x - head)


def write(name, what, rows):
    lines = [f"// {what}", "// Made by sim/libm/make_tables.py; the header says what the columns are.",
             '#include "sim/libm/tables.h"', "", "namespace divla::libm {", "", "// clang-format off"]
    (HERE / name).write_text("\n".join(lines + rows + ["// clang-format on", "", "}  // namespace divla::libm", ""]))


def table(declaration, entries):
    return [f"const {declaration} = {{"] + ["    {" + ", ".join(text(x) for x in entry) + "}," for entry in entries] + ["};"]


def word_rows(words):
    return ["    " + " ".join(f"0x{word:016x}," for word in words[i:i + 4]) for i in range(0, len(words), 4)]


def sines():
    def exact(n):  # the zeros and ones exactly, not as 1e-450
        return mpf({0: 0, 64: 1, 128: 0, 192: -1}[n]) if n % 64 == 0 else sin(n * pi / 128)
    return [split(exact(n), 26) for n in range(256)]


def turns():
    """The bits of 1/(2 pi) after 64 zero bits."""
    bits = int(floor(ldexp(1 / (2 * pi), 64 * 20)))
    return [0] + [(bits >> (64 * (19 - i))) & (2**64 - 1) for i in range(20)]


def arc_sines(first, steps):
    """asin at 65 points `first` + k / `steps` and the Taylor coefficients there, from (1 - x^2) f'' = x f'."""
    rows = []
    for k in range(65):
        c = first + mpf(k) / steps
        d = 1 - c * c
        # a[n]: coefficient of h^n. The recurrence follows from the equation above at x = c + h.
        a = [asin(c), 1 / sqrt(d)]
        for n in range(8):
            term = c * (n + 1) * (2 * n + 1) * a[n + 1] + n * n * a[n]
            a.append(term / (d * (n + 1) * (n + 2)))
        rows.append((*split(a[0], 53), *split(a[1], 26), *(rounded(x) for x in a[2:10])))
    return rows


def arc_tangents():
    return [split(atan(mpf(k) / 128), 53) for k in range(129)]


def exponentials():
    rows = []
    for j in range(128):
        value = exp(log(2) * j / 128)
        head = rounded(value)
        rows.append((head, rounded(value / head - 1)))
    return rows


def logarithms():
    rows = []
    start = 0x3fe6900000000000
    for i in range(128):
        low, high = start + (i << 45), start + ((i + 1) << 45)
        ends = []
        for bits in (low, high):
            biased, mantissa = bits >> 52, bits & (2**52 - 1)
            ends.append(ldexp(1 + mpf(mantissa) / 2**52, biased - 1023))
        middle = (ends[0] + ends[1]) / 2
        inverse = ldexp(nint(ldexp(1 / middle, 11)), -11)
        if ends[0] < 1 < ends[1]:
            inverse = mpf(1)
        value = -log(inverse)
        head = ldexp(nint(ldexp(value, 42)), -42)
        rows.append((inverse, head, rounded(value - head)))
    return rows


def constants():
    def show(name, x):
        print(f"constexpr double {name} = {text(x)};")

    def pieces(name, x, bits, count):
        for i in range(count):
            part = rounded(x, bits) if i + 1 < count else rounded(x)
            show(f"{name}{i + 1}", part)
            x -= part

    pieces("kStep", pi / 128, 30, 4)
    show("kStepsPerRadian", rounded(128 / pi))
    pieces("kHalfPi", pi / 2, 53, 2)
    pieces("kPi", pi, 53, 2)
    pieces("kStepHiLo", pi / 128, 53, 2)
    pieces("kStepF", pi / 128, 30, 2)
    pieces("kExpStep", log(2) / 128, 34, 2)
    show("kExpStepsPerUnit", rounded(128 / log(2)))
    head = ldexp(nint(ldexp(log(2), 42)), -42)
    show("kLn2Head", head)
    show("kLn2Tail", rounded(log(2) - head))
    pieces("kInvLn10", 1 / log(10), 53, 2)
    for n in (1, 2):
        pieces(f"kCbrt{2**n}", cbrt(mpf(2**n)), 53, 1)
    mp.prec = 200
    coefficients, error = chebyfit(cbrt, [1, 2], 7, error=True)
    print("cbrt on [1,2], highest first:", [text(rounded(c)) for c in coefficients], float(error))


if __name__ == "__main__":
    write("trig_table.cc", "sin(n pi / 128), and the bits of 1/(2 pi) for the reduction of large arguments.",
          table("SplitNumber kSines[256]", sines()) + ["", "const std::uint64_t kTurnBits[21] = {"] + word_rows(turns()) + ["};"])
    for name, first, steps in (("Inner", mpf(0), 128), ("Middle", mpf(1) / 2, 256), ("Outer", mpf(3) / 4, 512)):
        rows = [f"    {{{text(r[0])}, {text(r[1])}, {text(r[2])}, {text(r[3])},\n     {{{', '.join(text(x) for x in r[4:8])},\n"
                f"      {', '.join(text(x) for x in r[8:])}}}}}," for r in arc_sines(first, steps)]
        write(f"arc_sine_{name.lower()}_table.cc", "Inverse sines, with the Taylor series there.",
              [f"const ArcSine kArcSines{name}[65] = {{"] + rows + ["};"])
    write("arc_tangent_table.cc", "Inverse tangents of k / 128.", table("Pair kArcTangents[129]", arc_tangents()))
    write("exp_table.cc", "2^(j / 128).", table("PowerOfTwo kPowersOfTwo[128]", exponentials()))
    write("log_table.cc", "Reciprocals of the middles of 128 intervals, and their logarithms.",
          table("LogCell kLogCells[128]", logarithms()))
    constants()
