// Small float32 vectors for preparing a frame. Exactly rounded operations in a fixed order.
#pragma once

#include <cmath>

namespace divla::software {

struct Vector3 {
  float x{}, y{}, z{};
};

inline Vector3 FromArray(const float* v) { return {v[0], v[1], v[2]}; }
inline Vector3 operator+(Vector3 a, Vector3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vector3 operator-(Vector3 a, Vector3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vector3 operator*(Vector3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
inline float Dot(Vector3 a, Vector3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vector3 Cross(Vector3 a, Vector3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
// `fallback` for a vector without direction.
inline Vector3 Normalized(Vector3 a, Vector3 fallback) {
  const float length = std::sqrt(Dot(a, a));
  return length > 1e-12f ? a * (1.0f / length) : fallback;
}
// `rotation` is row-major, its columns the axes of the local frame.
inline Vector3 ToLocal(const float* rotation, Vector3 v) {
  return {rotation[0] * v.x + rotation[3] * v.y + rotation[6] * v.z,
          rotation[1] * v.x + rotation[4] * v.y + rotation[7] * v.z,
          rotation[2] * v.x + rotation[5] * v.y + rotation[8] * v.z};
}
inline Vector3 ToWorld(const float* rotation, Vector3 v) {
  return {rotation[0] * v.x + rotation[1] * v.y + rotation[2] * v.z,
          rotation[3] * v.x + rotation[4] * v.y + rotation[5] * v.z,
          rotation[6] * v.x + rotation[7] * v.y + rotation[8] * v.z};
}
inline void Store(Vector3 v, float* out) {
  out[0] = v.x;
  out[1] = v.y;
  out[2] = v.z;
}

}  // namespace divla::software
