/// Along one axis: between which two source positions each target position lies, and how far from the lower one.
public struct InterpolationPointers {
  public let lower: UnsafePointer<Int32>
  public let upper: UnsafePointer<Int32>
  public let fraction: UnsafePointer<Float>
  /// Target positions.
  public let count: Int

  public init(
    lower: UnsafePointer<Int32>, upper: UnsafePointer<Int32>, fraction: UnsafePointer<Float>, count: Int
  ) {
    self.lower = lower
    self.upper = upper
    self.fraction = fraction
    self.count = count
  }
}

/// Bilinear interpolation of one picture `[.., .., channels]`, first along the rows, then between them, as TensorFlow
/// rounds it.
///
/// - Parameter rowStride: floats from one source row to the next.
public func bilinear_resize(
  _ x: UnsafePointer<Float>, rowStride: Int, channels: Int, rows: InterpolationPointers, columns: InterpolationPointers,
  _ y: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows.count {
    let top = x + Int(rows.lower[row]) * rowStride
    let bottom = x + Int(rows.upper[row]) * rowStride
    let down = rows.fraction[row]
    for column in 0..<columns.count {
      let (left, right) = (Int(columns.lower[column]) * channels, Int(columns.upper[column]) * channels)
      let across = columns.fraction[column]
      let target = y + (row * columns.count + column) * channels
      var c = 0
      while c < channels {
        let lanes = min(8, channels - c)
        let topLeft = loadLanes(top + left + c, lanes)
        let bottomLeft = loadLanes(bottom + left + c, lanes)
        let upper = topLeft + (loadLanes(top + right + c, lanes) - topLeft) * across
        let lower = bottomLeft + (loadLanes(bottom + right + c, lanes) - bottomLeft) * across
        storeLanes(upper + (lower - upper) * down, target + c, lanes)
        c += lanes
      }
    }
  }
}

/// Adds each gradient of `bilinear_resize`'s output to the four source positions that it came from, by their weights.
public func bilinear_resize_backward(
  _ dy: UnsafePointer<Float>, rowStride: Int, channels: Int, rows: InterpolationPointers,
  columns: InterpolationPointers, addTo dx: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows.count {
    let top = dx + Int(rows.lower[row]) * rowStride
    let bottom = dx + Int(rows.upper[row]) * rowStride
    let down = rows.fraction[row]
    for column in 0..<columns.count {
      let (left, right) = (Int(columns.lower[column]) * channels, Int(columns.upper[column]) * channels)
      let across = columns.fraction[column]
      let gradient = dy + (row * columns.count + column) * channels
      var c = 0
      while c < channels {
        let lanes = min(8, channels - c)
        let value = loadLanes(gradient + c, lanes)
        // One after the other: at an edge the positions are the same.
        addShare(value * ((1 - down) * (1 - across)), top + left + c, lanes)
        addShare(value * ((1 - down) * across), top + right + c, lanes)
        addShare(value * (down * (1 - across)), bottom + left + c, lanes)
        addShare(value * (down * across), bottom + right + c, lanes)
        c += lanes
      }
    }
  }
}

@inline(__always)
private func addShare(_ share: Float8, _ target: UnsafeMutablePointer<Float>, _ lanes: Int) {
  storeLanes(loadLanes(target, lanes) + share, target, lanes)
}
