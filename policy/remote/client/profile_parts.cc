#include "policy/remote/client/profile_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "policy/remote/wire/ndarray.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr int kOurHz = 20;  // 1 / kControlPeriod

WireValue Bytes(const std::vector<std::uint8_t>& bytes, std::vector<std::int64_t> shape) {
  return WireValue::OfNdArray(ArrayOf(std::span<const std::uint8_t>(bytes), std::move(shape)));
}

}  // namespace

WireValue PictureHwc(const Image& image) { return Bytes(image.rgb, {image.height, image.width, 3}); }

Image BlackBars(const Image& image) {
  DIVLA_CHECK(image.width == kOpenpiPicture && image.height <= kOpenpiPicture, "as wide as the square, no higher");
  Image square{kOpenpiPicture, kOpenpiPicture, {}};
  square.rgb.assign(square.ByteCount(), 0);
  const int above = (kOpenpiPicture - image.height) / 2;
  std::copy(image.rgb.begin(), image.rgb.end(), square.rgb.begin() + above * kOpenpiPicture * 3);
  return square;
}

Image Mirrored(const Image& image) {
  Image mirrored = image;
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column) {
      const std::ptrdiff_t from = (static_cast<std::ptrdiff_t>(row) * image.width + column) * 3;
      const std::ptrdiff_t to = (static_cast<std::ptrdiff_t>(row) * image.width + image.width - 1 - column) * 3;
      std::copy_n(image.rgb.begin() + from, 3, mirrored.rgb.begin() + to);
    }
  }
  return mirrored;
}

WireValue PictureChw(const Image& image) {
  const std::size_t pixels = image.ByteCount() / 3;
  std::vector<std::uint8_t> planes(image.ByteCount());
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) planes[channel * pixels + i] = image.rgb[i * 3 + channel];
  }
  return Bytes(planes, {3, image.height, image.width});
}

WireValue FloatArray(std::span<const float> values) {
  return WireValue::OfNdArray(ArrayOf(values, {static_cast<std::int64_t>(values.size())}));
}

WireValue TextValue(const std::string& text) { return WireValue::Text(text); }

void RequireDim(const char* profile, int expected, int found) {
  if (found == expected) return;
  throw InputError(fmt::format("profile {}: expected actions of {} numbers, found {}", profile, expected, found));
}

void RequireRobot(const char* profile, const RobotInterface& robot, const char* expected) {
  if (robot.name == expected) return;
  throw InputError(fmt::format("profile {}: expected tasks of the robot {}, found {} (`divla list tasks` says which)",
                               profile, expected, robot.name));
}

Matrix3 FromTwoRows(std::span<const float> rows) {
  DIVLA_CHECK(rows.size() == 6, "two rows of three");
  Matrix3 matrix{};
  for (std::size_t i = 0; i < 3; ++i) {
    matrix[0][i] = static_cast<double>(rows[i]);
    matrix[1][i] = static_cast<double>(rows[3 + i]);
  }
  for (std::size_t i = 0; i < 3; ++i) {  // the third is the cross product
    const std::size_t j = (i + 1) % 3;
    const std::size_t k = (i + 2) % 3;
    matrix[2][i] = matrix[0][j] * matrix[1][k] - matrix[0][k] * matrix[1][j];
  }
  return matrix;
}

std::array<double, 3> AxisAngle(const Matrix3& m) {
  // The quaternion from its largest component (Shepperd 1978), so that nothing small is divided by.
  const double trace = m[0][0] + m[1][1] + m[2][2];
  std::array<double, 4> q{trace, m[0][0], m[1][1], m[2][2]};
  const auto largest = static_cast<std::size_t>(std::max_element(q.begin(), q.end()) - q.begin());
  if (largest == 0) {
    q = {1 + trace, m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]};
  } else {
    const std::size_t i = largest - 1;
    const std::size_t j = (i + 1) % 3;
    const std::size_t k = (i + 2) % 3;
    q[0] = m[k][j] - m[j][k];
    q[1 + i] = 1 + 2 * m[i][i] - trace;
    q[1 + j] = m[i][j] + m[j][i];
    q[1 + k] = m[i][k] + m[k][i];
  }
  const double sine = std::sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (sine == 0) return {0, 0, 0};
  // Of q and -q, the same rotation, the one whose axis points along +x: no jump where a gripper points down.
  const double sign = q[1] < 0 ? -1.0 : 1.0;
  const double angle = 2 * std::atan2(sine, sign * q[0]);
  return {sign * q[1] / sine * angle, sign * q[2] / sine * angle, sign * q[3] / sine * angle};
}

Matrix3 FromAxisAngle(const std::array<double, 3>& r) {
  const double angle = std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
  Matrix3 matrix{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  if (angle == 0) return matrix;
  const std::array<double, 3> u = {r[0] / angle, r[1] / angle, r[2] / angle};
  const double sine = std::sin(angle);
  const double cosine = std::cos(angle);
  // Rodrigues' formula.
  const Matrix3 cross{{{0, -u[2], u[1]}, {u[2], 0, -u[0]}, {-u[1], u[0], 0}}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double unit = i == j ? 1.0 : 0.0;
      matrix[i][j] = cosine * unit + sine * cross[i][j] + (1 - cosine) * u[i] * u[j];
    }
  }
  return matrix;
}

Matrix3 Product(const Matrix3& a, const Matrix3& b) {
  Matrix3 product{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) product[i][j] += a[i][k] * b[k][j];
    }
  }
  return product;
}

int ControlSteps(int actions, int hz) { return std::max(1, static_cast<int>(1LL * actions * kOurHz / hz)); }

}  // namespace divla
