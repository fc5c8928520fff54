import Tensors

/// Cut at a fixed length, so that the sum does not depend on who computes which part.
func sumOfSquares(_ tensor: Tensor) -> Double {
  let pointer = tensor.pointer
  let count = tensor.count
  var total = 0.0
  var start = 0
  while start < count {
    let end = min(start + 4096, count)
    var lanes = SIMD8<Float>()
    var i = start
    while i + 8 <= end {
      let x = UnsafeRawPointer(pointer + i).loadUnaligned(as: SIMD8<Float>.self)
      lanes.addProduct(x, x)
      i += 8
    }
    var part = Double(lanes.sum())
    while i < end {
      part += Double(pointer[i]) * Double(pointer[i])
      i += 1
    }
    total += part
    start = end
  }
  return total
}
