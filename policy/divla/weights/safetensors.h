// The safetensors file format (https://github.com/huggingface/safetensors): an 8-byte little-endian header length, a
// JSON header, then the raw tensors. Plain bytes only, no torch. Nothing in a file is ever read as code. Reading is
// strict: any file that breaks a rule is refused with an InputError that names file and tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace divla {

enum class Dtype { kF32, kF16, kBF16, kI32, kI64, kU8 };

std::size_t DtypeSize(Dtype dtype);       // bytes of one element
std::string_view DtypeName(Dtype dtype);  // as in the file: "F32", "BF16", ...

struct TensorView {
  std::string name;
  Dtype dtype{Dtype::kF32};
  std::vector<std::int64_t> shape;  // empty for a scalar; no negative sizes
  std::span<const std::byte> data;  // row-major, little-endian; not owned. No alignment is promised: copy with memcpy
};

// A memory-mapped file. Views stay valid as long as the SafetensorsFile lives (moving it keeps them valid).
// Const members are thread-safe.
class SafetensorsFile {
 public:
  // Checks the whole header: length bound, JSON, no name twice, known dtypes, shape x dtype == range, ranges inside the
  // file, without overlap and without gaps. Throws InputError; an unreadable file is one, too.
  static SafetensorsFile Open(const std::string& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

  const std::string& Path() const;
  std::vector<std::string> Names() const;  // sorted
  bool Has(const std::string& name) const;
  const TensorView& Tensor(const std::string& name) const;  // throws InputError when there is none
  const std::map<std::string, std::string>& Metadata() const;

 private:
  struct State;
  SafetensorsFile();
  std::unique_ptr<State> state_;
};

// Writes `tensors` with sorted names in the header; the data stands by element size, then name, and starts at a
// multiple of 8, so that every tensor is aligned to its element. Same input, same bytes. Atomic: temporary file, fsync,
// rename. Shape and byte count that disagree, or a name twice, are our mistake (DIVLA_CHECK). Throws MachineError when
// the file cannot be written.
void WriteSafetensors(const std::string& path, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string>& metadata);

// The elements of `tensor` as T, copied. The caller has checked the dtype.
template <class T>
std::vector<T> CopyElements(const TensorView& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace divla
