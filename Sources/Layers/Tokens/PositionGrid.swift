import Tensors

/// The grid of places that position vectors belong to, behind some that belong to none (the class token's).
public struct PositionGrid: Equatable, Sendable, CustomStringConvertible {
  public let height: Int
  public let width: Int
  /// Tokens before those of the grid.
  public let prefix: Int

  public init(height: Int, width: Int, prefix: Int) {
    self.height = height
    self.width = width
    self.prefix = prefix
  }

  /// Of the numbers of `tokens` tokens, when all that is known is that the grid is square; nil when it cannot be.
  public init?(square tokens: Int, prefix: Int) {
    let places = tokens - prefix
    guard places > 0 else { return nil }
    let side = Int(Double(places).squareRoot().rounded())
    guard side * side == places else { return nil }
    self.init(height: side, width: side, prefix: prefix)
  }

  public var tokens: Int { prefix + height * width }
  /// `14x14`
  public var description: String { "\(height)x\(width)" }

  /// The vectors `[tokens, channels]` of this grid for the places of another one: bicubic and antialiased, as timm's
  /// `resample_abs_pos_embed` makes them. The prefix is kept, and must be the same.
  ///
  /// Along each axis the weights of `k` places are those of Keys' cubic (1981) with a = -0.5, stretched by the scale where
  /// the grid shrinks, and divided by their sum; pixel centres are aligned, and what lies outside has no weight.
  public func resample(_ positions: Tensor, to other: PositionGrid) -> Tensor {
    precondition(other.prefix == prefix && positions.shape.rank == 2 && positions.shape[0] == tokens)
    let channels = positions.shape[1]
    let columns = AxisWeights(from: width, to: other.width)
    let rows = AxisWeights(from: height, to: other.height)
    let source = positions.pointer + prefix * channels
    let result = Tensor([other.tokens, channels])
    result.pointer.update(from: positions.pointer, count: prefix * channels)
    let narrow = Tensor([height, other.width, channels])
    // Only pointers are handed on: the tensor must outlive the loops.
    withExtendedLifetime(narrow) {
      for y in 0..<height {
        for x in 0..<other.width {
          let target = narrow.pointer + (y * other.width + x) * channels
          columns.sum(source + y * width * channels, step: channels, at: x, into: target, channels)
        }
      }
      for y in 0..<other.height {
        for x in 0..<other.width {
          let target = result.pointer + (prefix + y * other.width + x) * channels
          rows.sum(narrow.pointer + x * channels, step: other.width * channels, at: y, into: target, channels)
        }
      }
    }
    return result
  }
}

/// Which places of an axis make a place of another one, and with which weights.
private struct AxisWeights {
  private var starts: [Int] = []
  private var weights: [[Float]] = []

  init(from count: Int, to target: Int) {
    let scale = Double(count) / Double(target)
    let stretch = max(1, scale)
    for i in 0..<target {
      let center = scale * (Double(i) + 0.5)
      let first = max(0, Int(center - 2 * stretch + 0.5))
      let end = min(count, Int(center + 2 * stretch + 0.5))
      let raw = (first..<end).map { AxisWeights.cubic((Double($0) - center + 0.5) / stretch) }
      let total = raw.reduce(0, +)
      starts.append(first)
      weights.append(raw.map { Float($0 / total) })
    }
  }

  func sum(
    _ source: UnsafePointer<Float>, step: Int, at place: Int, into target: UnsafeMutablePointer<Float>, _ channels: Int
  ) {
    target.update(repeating: 0, count: channels)
    for (k, weight) in weights[place].enumerated() {
      let row = source + (starts[place] + k) * step
      for c in 0..<channels { target[c] += weight * row[c] }
    }
  }

  private static func cubic(_ distance: Double) -> Double {
    let x = abs(distance)
    let a = -0.5
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }
}
