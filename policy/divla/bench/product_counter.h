// Counts the arithmetic of matrix products and convolutions while it lives, on all threads, forward and backward, as
// LibTorch runs them. For benches: it slows every operation down.
#pragma once

#include <ATen/record_function.h>

namespace divla {

class ProductCounter {
 public:
  ProductCounter();
  ~ProductCounter();
  ProductCounter(const ProductCounter&) = delete;  // one at a time
  ProductCounter& operator=(const ProductCounter&) = delete;

  // Operations so far, two for each multiplication and its addition.
  double Operations() const;

 private:
  at::CallbackHandle handle_;
};

}  // namespace divla
