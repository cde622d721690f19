// The elementary functions with the same bits on every x86-64 machine.
//
// glibc chooses sin, exp, pow and others by CPU (with or without FMA), so its results differ in the last bit between
// machines, and after some hundred physics steps trajectories differ visibly. Every program of ours therefore defines
// these C functions itself and exports them (exports.list): the dynamic linker then binds libmujoco.so, LibTorch and
// our own calls to them, since an executable comes first in the search order.
//
// Guaranteed: only + - * / and square root of doubles and integer operations, in one fixed order, none fused, no choice
// by CPU. So the bits depend on the argument alone, for any compiler and option that keeps IEEE arithmetic;
// round-to-nearest, with subnormals kept, is presumed. Special values follow C17 Annex F. errno is not set, and of the
// floating-point flags only "invalid", "divide by zero" and "overflow" are cared for. Any thread may call any function;
// nothing is allocated.
//
// Accuracy, double: within 0.51 units in the last place of the exact value for exp and pow, 0.502 for the others;
// float: correctly rounded. Measured with MPFR over dense samples and hard cases, not proven: README.md beside this
// says how.
#pragma once

extern "C" {

double sin(double x) noexcept;
double cos(double x) noexcept;
double tan(double x) noexcept;
void sincos(double x, double* sine, double* cosine) noexcept;
double asin(double x) noexcept;
double acos(double x) noexcept;
double atan(double x) noexcept;
double atan2(double y, double x) noexcept;
double exp(double x) noexcept;
double log(double x) noexcept;
double log10(double x) noexcept;
double pow(double x, double y) noexcept;
double cbrt(double x) noexcept;
double hypot(double x, double y) noexcept;

float sinf(float x) noexcept;
float cosf(float x) noexcept;
void sincosf(float x, float* sine, float* cosine) noexcept;
float atan2f(float y, float x) noexcept;
float log10f(float x) noexcept;
float powf(float x, float y) noexcept;

}  // extern "C"
