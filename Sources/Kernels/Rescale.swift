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
