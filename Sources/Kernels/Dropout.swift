/// y[i] = scale x[i] where bit i of `mask` (32 to a word, lowest first) is set, else 0. `y` may be `x`.
public func dropout_apply(
  _ x: UnsafePointer<Float>, mask: UnsafePointer<UInt32>, scale: Float, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  let factor = Float8(repeating: scale)
  let lanesBits = SIMD8<UInt32>(1, 2, 4, 8, 16, 32, 64, 128)
  var i = 0
  while i < count {
    let bits = SIMD8<UInt32>(repeating: mask[i >> 5] >> UInt32(i & 31)) & lanesBits
    let lanes = min(8, count - i)
    let value = (loadLanes(x + i, lanes) * factor).replacing(with: Float8(), where: bits .== SIMD8<UInt32>())
    storeLanes(value, y + i, lanes)
    i += lanes
  }
}
