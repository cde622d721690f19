// Meshes: what the hierarchy holds, and rays against it compared with all triangles one by one in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/render/software/frame_buffers.h"
#include "sim/rng.h"
#include "tests/sim/render/software/drawing.h"

namespace divla::software {
namespace {

using Triangle = std::array<std::int32_t, 3>;

// A closed sphere of quadrilaterals cut in two, with long thin triangles at the poles.
void MakeBall(int slices, int stacks, std::vector<float>& vertices, std::vector<std::int32_t>& faces) {
  vertices = {0, 0, 1};
  for (int i = 1; i < stacks; ++i) {
    for (int j = 0; j < slices; ++j) {
      const double polar = mjPI * i / stacks, turn = 2 * mjPI * j / slices;
      vertices.push_back(static_cast<float>(std::sin(polar) * std::cos(turn)));
      vertices.push_back(static_cast<float>(std::sin(polar) * std::sin(turn)));
      vertices.push_back(static_cast<float>(std::cos(polar)));
    }
  }
  vertices.insert(vertices.end(), {0, 0, -1});
  const int last = static_cast<int>(vertices.size()) / 3 - 1;
  const auto at = [&](int i, int j) { return 1 + (i - 1) * slices + j % slices; };
  for (int j = 0; j < slices; ++j) {
    faces.insert(faces.end(), {0, at(1, j), at(1, j + 1)});
    for (int i = 1; i + 1 < stacks; ++i) {
      faces.insert(faces.end(), {at(i, j), at(i + 1, j), at(i + 1, j + 1)});
      faces.insert(faces.end(), {at(i, j), at(i + 1, j + 1), at(i, j + 1)});
    }
    faces.insert(faces.end(), {last, at(stacks - 1, j + 1), at(stacks - 1, j)});
  }
}

// A frame that is one mesh and nothing else, seen along any list of rays: pixel i of a single row gets ray i. The
// kernel then asks IntersectMesh for each.
class MeshView {
 public:
  MeshView(std::vector<float> vertices, std::vector<std::int32_t> faces)
      : vertices_(std::move(vertices)), faces_(std::move(faces)), nodes_(BuildHierarchy(vertices_, faces_)) {
    normals_.assign(vertices_.begin(), vertices_.end());
    mesh_ = {.vertices = vertices_.data(),
             .normals = normals_.data(),
             .texcoords = nullptr,
             .faces = faces_.data(),
             .face_normals = faces_.data(),
             .face_texcoords = nullptr,
             .nodes = nodes_.data(),
             .node_count = static_cast<std::int32_t>(nodes_.size())};
  }

  const std::vector<MeshNode>& Nodes() const { return nodes_; }
  std::size_t TriangleCount() const { return faces_.size() / 3; }
  Point Vertex(std::size_t triangle, std::size_t corner) const {
    const auto v = static_cast<std::size_t>(3 * faces_[3 * triangle + corner]);
    return {vertices_[v], vertices_[v + 1], vertices_[v + 2]};
  }

  // Triangle and depth for rays from `from` along forward + x right + y up, for each x and this y. Depth `far` is none.
  struct Answer {
    std::int32_t triangle;
    float depth;
  };
  std::vector<Answer> Ask(const float from[3], const float forward[3], const float right[3], const float up[3],
                          std::vector<float> xs, float y, float near, float far, InstructionSet set) const {
    const auto width = static_cast<std::int32_t>(xs.size());
    const auto stride = static_cast<std::size_t>((width + kLaneMultiple - 1) / kLaneMultiple * kLaneMultiple);
    xs.resize(stride);
    Geom geom{};
    geom.shape = Shape::kMesh;
    geom.mesh = &mesh_;
    for (int k = 0; k < 3; ++k) geom.o[k] = from[k], geom.a[k] = forward[k], geom.b[k] = right[k], geom.c[k] = up[k];
    geom.x1 = width, geom.y1 = 1;
    geom.alpha = 1;
    Light dark{};
    dark.shadow = -1;
    const std::int32_t index = 0;
    Frame frame{};
    frame.width = width, frame.height = 1, frame.stride = static_cast<std::int32_t>(stride);
    frame.x_of = xs.data(), frame.y_of = &y;
    frame.near = near, frame.far = far;
    frame.geoms = &geom, frame.geom_count = 1;
    frame.opaque = &index, frame.opaque_count = 1;
    frame.lights = &dark, frame.light_count = 1;
    FrameBuffers buffers;
    buffers.Attach(frame);
    KernelsFor(set).draw_picture(frame);
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i) {
      answers.push_back({frame.key[i] == kSkyKey ? -1 : frame.triangle[i], frame.depth[i]});
    }
    return answers;
  }

 private:
  std::vector<float> vertices_, normals_;
  std::vector<std::int32_t> faces_;
  std::vector<MeshNode> nodes_;
  Mesh mesh_{};
};

Point Minus(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
double Determinant(const Point& a, const Point& b, const Point& c) {
  Point cross;
  mju_cross(cross.data(), a.data(), b.data());
  return mju_dot3(cross.data(), c.data());
}

// Nearest front face by solving from + t d = corner0 + u e1 + v e2 for every triangle (Cramer's rule). `clearance` is
// how close any triangle's border comes, as a weight.
struct Truth {
  double depth{std::numeric_limits<double>::infinity()};
  double clearance{1};
};
Truth Brute(const MeshView& mesh, const Point& from, const Point& d) {
  Truth truth;
  for (std::size_t i = 0; i < mesh.TriangleCount(); ++i) {
    const Point e1 = Minus(mesh.Vertex(i, 1), mesh.Vertex(i, 0)), e2 = Minus(mesh.Vertex(i, 2), mesh.Vertex(i, 0));
    const Point s = Minus(from, mesh.Vertex(i, 0));
    const Point back{-d[0], -d[1], -d[2]};
    const double det = Determinant(e1, e2, back);
    if (det <= 1e-12) continue;  // seen from behind
    const double u = Determinant(s, e2, back) / det, v = Determinant(e1, s, back) / det;
    const double t = Determinant(e1, e2, s) / det;
    if (t <= 0) continue;
    const double inside = std::min({u, v, 1 - u - v});
    truth.clearance = std::min(truth.clearance, std::fabs(inside));
    if (inside >= 0) truth.depth = std::min(truth.depth, t);
  }
  return truth;
}

constexpr float kForward[3] = {0, 1, 0}, kRight[3] = {1, 0, 0}, kUp[3] = {0, 0, 1};

TEST(HierarchyTest, HoldsEveryTriangleOnceInBoxesThatContainIt) {
  std::vector<float> vertices;
  std::vector<std::int32_t> faces;
  MakeBall(23, 17, vertices, faces);
  const MeshView mesh(vertices, faces);
  std::vector<int> seen(mesh.TriangleCount());
  const auto walk = [&](const auto& self, std::int32_t index, int depth) -> std::vector<std::size_t> {
    EXPECT_LT(depth, 12);  // 736 triangles: a balanced tree has 10 levels
    const MeshNode& node = mesh.Nodes()[static_cast<std::size_t>(index)];
    std::vector<std::size_t> below;
    if (node.triangle >= 0) {
      EXPECT_EQ(node.child[0], -1);
      below.push_back(static_cast<std::size_t>(node.triangle));
      ++seen[below[0]];
    } else {
      for (const std::int32_t child : node.child) {
        const auto more = self(self, child, depth + 1);
        below.insert(below.end(), more.begin(), more.end());
      }
    }
    for (const std::size_t triangle : below) {
      for (std::size_t corner = 0; corner < 3; ++corner) {
        const Point p = mesh.Vertex(triangle, corner);
        for (std::size_t k = 0; k < 3; ++k) {
          EXPECT_LT(static_cast<double>(node.low[k]), p[k]);
          EXPECT_GT(static_cast<double>(node.high[k]), p[k]);
        }
      }
    }
    return below;
  };
  EXPECT_EQ(walk(walk, 0, 0).size(), mesh.TriangleCount());
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<std::ptrdiff_t>(seen.size()));
}

TEST(HierarchyTest, NearestHitEqualsBruteForce) {
  Rng rng({.stream = "hierarchy_test"});
  // A cloud of loose triangles: many layers, no order.
  std::vector<float> vertices;
  std::vector<std::int32_t> faces;
  for (int i = 0; i < 300; ++i) {
    const Point centre{rng.Uniform(-1, 1), rng.Uniform(-1, 1), rng.Uniform(-1, 1)};
    for (int corner = 0; corner < 3; ++corner) {
      for (const double at : centre) vertices.push_back(static_cast<float>(at + rng.Uniform(-0.3, 0.3)));
      faces.push_back(3 * i + corner);
    }
  }
  const MeshView mesh(vertices, faces);
  int hits = 0, misses = 0;
  for (int bundle = 0; bundle < 60; ++bundle) {
    const float from[3] = {static_cast<float>(rng.Uniform(-2, 2)), -3, static_cast<float>(rng.Uniform(-2, 2))};
    const auto y = static_cast<float>(rng.Uniform(-0.5, 0.5));
    std::vector<float> xs(50);
    for (float& x : xs) x = static_cast<float>(rng.Uniform(-0.5, 0.5));
    const auto answers = mesh.Ask(from, kForward, kRight, kUp, xs, y, 0.01f, 100.0f, InstructionSet::kSse4);
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const Truth truth = Brute(mesh, {from[0], from[1], from[2]}, {xs[i], 1, y});
      if (truth.clearance < 2e-5) continue;  // too close to a border to say
      const bool hit = truth.depth < 100;
      ++(hit ? hits : misses);
      ASSERT_EQ(answers[i].triangle >= 0, hit) << bundle << " " << i;
      if (hit) {
        ASSERT_NEAR(static_cast<double>(answers[i].depth), truth.depth, 1e-4 * truth.depth);
      }
    }
  }
  EXPECT_GT(hits, 400);
  EXPECT_GT(misses, 200);
}

// Rays through the very corners of a closed mesh and through points of its edges, from near and far.
TEST(HierarchyTest, NothingSlipsThroughEdgesAndCorners) {
  std::vector<float> vertices;
  std::vector<std::int32_t> faces;
  MakeBall(31, 20, vertices, faces);
  const MeshView mesh(vertices, faces);
  for (const InstructionSet set : SupportedSets()) {
    Rng rng({.stream = "watertight"});
    int rays = 0;
    for (const float distance : {1.7f, 5.0f, 20.0f}) {
      const float from[3] = {0.1f, -distance, 0.2f};
      for (std::size_t triangle = 0; triangle < mesh.TriangleCount(); ++triangle) {
        const Point a = mesh.Vertex(triangle, 0), b = mesh.Vertex(triangle, 1);
        for (const double share : {0.0, 0.5, 0.25, rng.Uniform()}) {
          Point on, p;
          for (std::size_t k = 0; k < 3; ++k) on[k] = a[k] + share * (b[k] - a[k]);
          for (std::size_t k = 0; k < 3; ++k) p[k] = on[k] - static_cast<double>(from[k]);
          if (mju_dot3(on.data(), p.data()) > -0.3 * mju_norm3(p.data())) continue;  // far side, or silhouette
          const auto answer = mesh.Ask(from, kForward, kRight, kUp, {static_cast<float>(p[0] / p[1])},
                                       static_cast<float>(p[2] / p[1]), 0.01f, 100.0f, set);
          ++rays;
          ASSERT_GE(answer[0].triangle, 0) << ToString(set) << " triangle " << triangle << " share " << share;
          ASSERT_NEAR(static_cast<double>(answer[0].depth), p[1], 1e-4 * p[1]);
        }
      }
    }
    EXPECT_GT(rays, 2500);
  }
}

TEST(HierarchyTest, KeepsToNearAndFar) {
  // Two squares across the view at depths 1 and 2, facing the viewer.
  const std::vector<float> vertices = {-1, 1, -1, 1, 1, -1, 1, 1, 1, -1, 1, 1, -1, 2, -1, 1, 2, -1, 1, 2, 1, -1, 2, 1};
  const MeshView mesh(vertices, {0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7});
  const float from[3] = {0, 0, 0};
  const auto depth = [&](float near, float far) {
    return mesh.Ask(from, kForward, kRight, kUp, {0.1f}, 0.2f, near, far, InstructionSet::kSse4)[0];
  };
  EXPECT_NEAR(depth(0.1f, 10.0f).depth, 1.0f, 1e-6f);
  EXPECT_NEAR(depth(1.5f, 10.0f).depth, 2.0f, 1e-6f);
  EXPECT_EQ(depth(0.1f, 0.9f).triangle, -1);
  EXPECT_EQ(depth(2.5f, 10.0f).triangle, -1);
  // Seen from behind the squares are culled.
  const float behind[3] = {0, 3, 0}, backwards[3] = {0, -1, 0}, left[3] = {-1, 0, 0};
  EXPECT_EQ(mesh.Ask(behind, backwards, left, kUp, {0.1f}, 0.2f, 0.1f, 10.0f, InstructionSet::kSse4)[0].triangle, -1);
}

}  // namespace
}  // namespace divla::software
