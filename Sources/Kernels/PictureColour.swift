// Colour changes of pixels `[count, 3]`, in place. None clamps its result.

/// `x = (x - mean) * factor + mean`, the mean of each colour over the picture: `tf.image.adjust_contrast`.
public func adjust_contrast_rgb(_ pixels: UnsafeMutablePointer<Float>, _ factor: Float, _ count: Int) {
  // Partial sums in float over short runs, their sum in double: exact enough for any size, and quick.
  var total = SIMD4<Double>(repeating: 0)
  var i = 0
  while i < count {
    let end = min(count, i + 256)
    var sum = SIMD4<Float>(repeating: 0)
    while i < end {
      sum += SIMD4(pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2], 0)
      i += 1
    }
    total += SIMD4(Double(sum[0]), Double(sum[1]), Double(sum[2]), 0)
  }
  for c in 0..<3 {
    let mean = Float(total[c] / Double(count))
    let channel = pixels + c
    for i in 0..<count { channel[3 * i] = (channel[3 * i] - mean) * factor + mean }
  }
}

/// Multiplies the saturation of HSV, at most to 1: `tf.image.adjust_saturation`.
///
/// With value and hue held, each colour keeps its share of the distance from the value:
/// `c = v - (v - c) * min(factor, v / (v - minimum))`.
public func adjust_saturation_rgb(_ pixels: UnsafeMutablePointer<Float>, _ factor: Float, _ count: Int) {
  for i in 0..<count {
    let p = pixels + 3 * i
    let (r, g, b) = (p[0], p[1], p[2])
    let value = max(r, max(g, b))
    let chroma = value - min(r, min(g, b))
    let most = chroma > 0 ? value / chroma : 1
    let k = factor < most ? factor : most
    p[0] = value - (value - r) * k
    p[1] = value - (value - g) * k
    p[2] = value - (value - b) * k
  }
}

/// Turns the hue of HSV: `tf.image.adjust_hue`.
///
/// - Parameter turns: -0.5 to 0.5, in turns of the colour circle.
public func adjust_hue_rgb(_ pixels: UnsafeMutablePointer<Float>, _ turns: Float, _ count: Int) {
  let shift = turns * 6
  for i in 0..<count {
    let p = pixels + 3 * i
    let (r, g, b) = (p[0], p[1], p[2])
    let value = max(r, max(g, b))
    let chroma = value - min(r, min(g, b))
    let inverse = chroma > 0 ? 1 / chroma : 0
    var hue = value == r ? (g - b) * inverse : (value == g ? 2 + (b - r) * inverse : 4 + (r - g) * inverse)
    hue += shift
    hue = hue < 0 ? hue + 6 : hue
    hue = hue >= 6 ? hue - 6 : hue
    // f(n) = v - chroma * max(0, min(k, 4 - k, 1)), k = (n + hue) mod 6, for n = 5, 3, 1.
    var k = hue + 5
    k = k >= 6 ? k - 6 : k
    p[0] = value - chroma * max(0, min(k, min(4 - k, 1)))
    k = hue + 3
    k = k >= 6 ? k - 6 : k
    p[1] = value - chroma * max(0, min(k, min(4 - k, 1)))
    k = hue + 1
    k = k >= 6 ? k - 6 : k
    p[2] = value - chroma * max(0, min(k, min(4 - k, 1)))
  }
}

/// Gives all three colours the weighted mean `0.2989 r + 0.587 g + 0.114 b`: `tf.image.rgb_to_grayscale`.
public func grayscale_rgb(_ pixels: UnsafeMutablePointer<Float>, _ count: Int) {
  for i in 0..<count {
    let p = pixels + 3 * i
    let gray = 0.2989 * p[0] + 0.587 * p[1] + 0.114 * p[2]
    p[0] = gray
    p[1] = gray
    p[2] = gray
  }
}

/// `x[i] = 255 - x[i]` where x is at or above the threshold.
public func invert_from(_ x: UnsafeMutablePointer<Float>, _ threshold: Float, _ count: Int) {
  let white = Float8(repeating: 255)
  let limit = Float8(repeating: threshold)
  var i = 0
  while i + 8 <= count {
    let value = load8(x + i)
    store8(value.replacing(with: white - value, where: value .>= limit), x + i)
    i += 8
  }
  while i < count {
    if x[i] >= threshold { x[i] = 255 - x[i] }
    i += 1
  }
}

/// `x[i] = min(255, x[i] + addition)` where x is below the threshold; the addition is 0 or more.
public func add_below(_ x: UnsafeMutablePointer<Float>, _ threshold: Float, _ addition: Float, _ count: Int) {
  let white = Float8(repeating: 255)
  let limit = Float8(repeating: threshold)
  var i = 0
  while i + 8 <= count {
    let value = load8(x + i)
    store8(value.replacing(with: minimum8(white, value + addition), where: value .< limit), x + i)
    i += 8
  }
  while i < count {
    if x[i] < threshold { x[i] = min(255, x[i] + addition) }
    i += 1
  }
}
