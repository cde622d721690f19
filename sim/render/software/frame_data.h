// What the kernels draw: one frame, prepared. Plain numbers and pointers only, since the kernels are compiled once for
// each instruction set and must not share code with the rest of the program. Lengths in m, colours 0 to 1 unless said
// otherwise.
//
// Rays: pixel (column i, row j) looks along d = forward + X right + Y up with X = x_of[i], Y = y_of[j], from the
// camera's position; |forward| = 1, so the parameter t along d is the depth in m. In a geom's own frame the ray is o +
// t (a + X b + Y c): six multiplications and additions for three coordinates.
#pragma once

#include <cstdint>

// For the kernels' larger functions: their arguments are wide, and passing them through memory costs a tenth of a
// frame.
#define DIVLA_INLINE [[gnu::always_inline]] inline

namespace divla::software {

inline constexpr int kMaxLights = 8;        // drawn lights of a scene; further ones are ignored, as by MuJoCo's OpenGL
inline constexpr int kMaxShadowLights = 4;  // lights that cast shadows; further ones shine without
inline constexpr int kMaxMipLevels = 16;    // of a texture
inline constexpr int kGridCells = 32;       // along a side of a shadow grid
inline constexpr int kLaneMultiple = 16;    // rows of pixels are padded to a multiple of this
inline constexpr int kMaxSide = 32768;      // pixels of a picture, padding included
inline constexpr float kFar = 3.0e38f;      // no limit
inline constexpr int kSurfaceBits = 3;  // key = geom index << 3 | surface; surface: face of a box, cap of a cylinder
inline constexpr std::int32_t kSkyKey = -1;  // key of a pixel that shows no geom

enum class Shape : std::int32_t { kPlane, kSphere, kEllipsoid, kCapsule, kCylinder, kBox, kMesh };
enum class Mapping : std::int32_t { kNone, k2d, kCube };

// A mip chain. Texels are 10 bits a channel, red lowest, linear light. For a cube map each level holds six square faces
// one above the other, in OpenGL's order (+x -x +y -y +z -z). Around each picture (of a cube: each face) lies a border
// one texel wide, so that beside every texel is the one to mix it with: the opposite side's, where a picture repeats;
// of a face, the same again.
struct Texture {
  const std::int32_t* texels;
  std::int32_t levels;
  std::int32_t width[kMaxMipLevels];   // of a level, or of one face; without the border
  std::int32_t height[kMaxMipLevels];  // of a level, or of one face; without the border
  std::int32_t offset[kMaxMipLevels];  // first texel of a level's border
};

// A node of a mesh's bounding volume hierarchy; a leaf holds one triangle.
struct MeshNode {
  float low[3], high[3];
  std::int32_t child[2];  // -1 at a leaf
  std::int32_t triangle;  // -1 at an inner node
};

struct Mesh {
  const float* vertices;             // (n x 3), geom frame
  const float* normals;              // (n x 3)
  const float* texcoords;            // (n x 2), null without
  const std::int32_t* faces;         // (triangles x 3), into vertices
  const std::int32_t* face_normals;  // (triangles x 3), into normals
  const std::int32_t* face_texcoords;
  const MeshNode* nodes;  // the first is the root
  std::int32_t node_count;
};

struct Geom {
  Shape shape;
  std::int32_t model_id;         // mjModel geom id; -1 for sites and decoration
  float size[3];                 // as mjvGeom: half sizes; radius, radius, half length; radii
  float inverse[3];              // 1 / size, 0 where size is 0
  float o[3], a[3], b[3], c[3];  // the ray, see above; for spheres and ellipsoids also in units of their radii:
  float so[3], sa[3], sb[3], sc[3];
  std::int32_t x0, x1, y0, y1;  // pixels it may touch: columns x0 to x1 - 1, rows y0 to y1 - 1
  float color[3], alpha;
  float emission, specular;
  std::int32_t half_exponent;  // (N.H / |H|)^(2 half_exponent) is the highlight
  float highlight_floor;       // squared cosine under which the highlight is less than 1/1000
  Mapping mapping;
  const Texture* texture;
  float repeat[2];      // k2d: texture coordinates are those of one full picture times this
  float cube_scale[3];  // kCube: local point times this looks into the cube
  const Mesh* mesh;
  float light[kMaxLights][3];       // geom frame: unit direction to a directional light, position of a spot light
  float light_axis[kMaxLights][3];  // geom frame: unit direction in which a spot light shines
  bool faces_away;                  // a plane seen from behind
};

struct Light {
  bool spot;
  float ambient[3], diffuse[3], specular[3];
  float attenuation[3];   // spot: 1 / (a0 + a1 d + a2 d^2)
  float cos_cutoff;       // spot
  std::int32_t exponent;  // spot: cosine^exponent
  std::int32_t shadow;    // index into Frame::grids, -1: casts none
};

// Where a caster may shade at all, as a light sees it: an octagon around its outline, in cells of the light's grid, and
// behind a plane that has the whole caster behind it and the light in front of it.
struct CasterBounds {
  float low[4], high[4];  // of u, v, u + v, u - v
  float plane[4];         // plane[0] + plane[1] t + plane[2] tX + plane[3] tY > 0 behind it, for a camera-space point
};

// Which casters may shade a point: cells of the plane across a directional light, or of a spot light's picture.
struct ShadowGrid {
  bool spot;
  float row[3][4];             // light-space coordinates (u, v, and w = depth for a spot) of a camera-space point
                               // (t, tX, tY): row[k][0] + row[k][1] t + row[k][2] tX + row[k][3] tY
  float low[2], scale[2];      // cell = floor((coordinate - low) * scale)
  const std::uint64_t* masks;  // (kGridCells x kGridCells x words): bit i of word w: caster 64 w + i
  const CasterBounds* bounds;  // of each caster. A cell names every caster whose octagon reaches into it
};

struct Frame {
  std::int32_t width, height, stride;  // pixels; rows are `stride` apart
  const float* x_of;                   // (stride)
  const float* y_of;                   // (height)
  float sample_x[4], sample_y[4];      // the four samples of an edge pixel, relative to its centre, in units of X and Y
  float pixel_x, pixel_y;              // step of X from column to column, of Y from row to row
  float near, far;
  float forward[3], right[3], up[3];  // world frame, unit
  const Geom* geoms;
  std::int32_t geom_count;
  const std::int32_t* opaque;  // indices, ascending
  std::int32_t opaque_count;
  const std::int32_t* transparent;  // indices, nearest first
  std::int32_t transparent_count;
  const Light* lights;
  std::int32_t light_count;
  const ShadowGrid* grids;
  std::int32_t mask_words;      // 64 casters each
  const std::int32_t* casters;  // geom index of each caster
  const Texture* sky;           // cube map; null: black
  bool antialias;
  // Buffers, (height x stride). `key` has one readable entry before its first and after its last.
  float* depth;
  std::int32_t* key;
  std::int32_t* triangle;  // where the key is a mesh
  std::int32_t* color;     // red | green << 8 | blue << 16
  std::int32_t* edges;     // scratch of the anti-aliasing: pixel index, then its new colour
  // Scratch of the shading, for each key: pixels (row << 16 | column) that wait until they fill the lanes.
  std::int32_t* waiting;        // (geom_count << kSurfaceBits) x kLaneMultiple
  std::int32_t* waiting_count;  // (geom_count << kSurfaceBits)
  std::int32_t* nearby;         // (geom_count), scratch of the anti-aliasing: first of the pixels near a geom
};

}  // namespace divla::software
