/// y[i] = x[i] scale + offset, rounded after each step as TensorFlow does. `y` may be `x`.
public func rescale_forward(
  _ x: UnsafePointer<Float>, scale: Float, offset: Float, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  let (factor, addend) = (Float8(repeating: scale), Float8(repeating: offset))
  var i = 0
  while i + 16 <= count {
    let a = load8(x + i) * factor + addend
    let b = load8(x + i + 8) * factor + addend
    store8(a, y + i)
    store8(b, y + i + 8)
    i += 16
  }
  while i < count {
    y[i] = x[i] * scale + offset
    i += 1
  }
}

/// `y[i] = x[i] scales[i % period] + offsets[i % period]`, rounded after each step. `y` may be `x`.
///
/// - Parameter period: a multiple of 8.
public func rescale_pattern(
  _ x: UnsafePointer<Float>, scales: UnsafePointer<Float>, offsets: UnsafePointer<Float>, period: Int,
  _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  var place = 0
  while i + 8 <= count {
    store8(load8(x + i) * load8(scales + place) + load8(offsets + place), y + i)
    i += 8
    place += 8
    if place == period { place = 0 }
  }
  while i < count {
    y[i] = x[i] * scales[place] + offsets[place]
    i += 1
    place += 1
  }
}
