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
      lanes += x * x
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

/// Floats that one tile of an elementwise loop works on.
private let tileCount = 1 << 16

/// `sum += addend`
func add(_ addend: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int, pool: WorkerPool) {
  addScaled(addend, 1, to: sum, count: count, pool: pool)
}

/// `sum += factor * addend`
func addScaled(
  _ addend: UnsafePointer<Float>, _ factor: Float, to sum: UnsafeMutablePointer<Float>, count: Int, pool: WorkerPool
) {
  nonisolated(unsafe) let addend = addend
  nonisolated(unsafe) let sum = sum
  pool.forEachTile((count + tileCount - 1) / tileCount) { tile, _ in
    var i = tile * tileCount
    let end = min(i + tileCount, count)
    while i + 8 <= end {
      let a = UnsafeRawPointer(addend + i).loadUnaligned(as: SIMD8<Float>.self)
      let s = UnsafeRawPointer(sum + i).loadUnaligned(as: SIMD8<Float>.self)
      UnsafeMutableRawPointer(sum + i).storeBytes(of: s + a * factor, as: SIMD8<Float>.self)
      i += 8
    }
    while i < end {
      sum[i] += addend[i] * factor
      i += 1
    }
  }
}

/// The first element that is NaN or infinite.
func firstNonFinite(_ pointer: UnsafePointer<Float>, count: Int) -> Int? {
  (0..<count).first { !pointer[$0].isFinite }
}
