// The bounding volume hierarchy of a mesh: halves by the median of the centres along the longest side. Ties are broken
// by the triangle's number, so the tree is the same everywhere.
#include <algorithm>
#include <array>
#include <numeric>

#include "sim/render/software/assets.h"

namespace divla::software {
namespace {

// Rays are tested with rounding; bounds that are a little too large lose none of them.
constexpr float kMargin = 1e-6f;  // m, and of the size

class Builder {
 public:
  Builder(const std::vector<float>& vertices, const std::vector<std::int32_t>& faces)
      : vertices_(vertices), faces_(faces), order_(faces.size() / 3) {
    std::iota(order_.begin(), order_.end(), 0);
    if (!order_.empty()) Build(0, order_.size());
  }

  std::vector<MeshNode> Take() { return std::move(nodes_); }

 private:
  float At(std::int32_t triangle, int corner, int axis) const {
    const auto vertex = faces_[static_cast<std::size_t>(3 * triangle + corner)];
    return vertices_[static_cast<std::size_t>(3 * vertex + axis)];
  }

  std::int32_t Build(std::size_t begin, std::size_t end) {
    const auto index = nodes_.size();
    MeshNode node{};
    for (int axis = 0; axis < 3; ++axis) {
      node.low[axis] = kFar;
      node.high[axis] = -kFar;
      for (std::size_t i = begin; i < end; ++i) {
        for (int corner = 0; corner < 3; ++corner) {
          node.low[axis] = std::min(node.low[axis], At(order_[i], corner, axis));
          node.high[axis] = std::max(node.high[axis], At(order_[i], corner, axis));
        }
      }
    }
    std::array<float, 3> size{};
    for (int axis = 0; axis < 3; ++axis) size[static_cast<std::size_t>(axis)] = node.high[axis] - node.low[axis];
    const float margin = kMargin + kMargin * std::max({size[0], size[1], size[2]});
    for (int axis = 0; axis < 3; ++axis) {
      node.low[axis] -= margin;
      node.high[axis] += margin;
    }
    node.child[0] = node.child[1] = -1;
    node.triangle = end - begin == 1 ? order_[begin] : -1;
    nodes_.push_back(node);
    if (node.triangle < 0) {
      const int axis = static_cast<int>(std::max_element(size.begin(), size.end()) - size.begin());
      const auto centre = [&](std::int32_t t) { return At(t, 0, axis) + At(t, 1, axis) + At(t, 2, axis); };
      std::sort(order_.begin() + static_cast<std::ptrdiff_t>(begin), order_.begin() + static_cast<std::ptrdiff_t>(end),
                [&](std::int32_t a, std::int32_t b) {
                  const float ca = centre(a), cb = centre(b);
                  return ca != cb ? ca < cb : a < b;
                });
      const std::size_t middle = begin + (end - begin) / 2;
      const std::int32_t first = Build(begin, middle), second = Build(middle, end);
      nodes_[index].child[0] = first;
      nodes_[index].child[1] = second;
    }
    return static_cast<std::int32_t>(index);
  }

  const std::vector<float>& vertices_;
  const std::vector<std::int32_t>& faces_;
  std::vector<std::int32_t> order_;
  std::vector<MeshNode> nodes_;
};

}  // namespace

std::vector<MeshNode> BuildHierarchy(const std::vector<float>& vertices, const std::vector<std::int32_t>& faces) {
  return Builder(vertices, faces).Take();
}

}  // namespace divla::software
