/// The extents of an array, outermost first: `[height, width, channels]` for a picture, `[units]` for a vector.
///
/// Networks reason about the shape of one example; the batch axis stands in front of it and is never part of a `Shape`
/// that a layer sees.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public let dimensions: [Int]

  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "a dimension is negative: \(dimensions)")
    self.dimensions = dimensions
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  public var rank: Int { dimensions.count }

  /// The number of elements; 1 for a scalar. Stops at 2^48, which no memory holds, so that sums of counts of shapes
  /// that a file or a recipe made up do not overflow.
  public var count: Int {
    if dimensions.contains(0) { return 0 }
    return dimensions.reduce(1) { product, extent in
      let (result, overflow) = product.multipliedReportingOverflow(by: extent)
      return overflow ? 1 << 48 : min(result, 1 << 48)
    }
  }

  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The innermost extent: channels of a picture, units of a vector. 1 for a scalar.
  public var channels: Int { dimensions.last ?? 1 }

  public var isPicture: Bool { rank == 3 }

  /// `256x256x3`, or `scalar`.
  public var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "x")
  }

  /// The order in which the 2017 paper prints shapes: `3x256x256`.
  public var channelFirstDescription: String {
    guard isPicture else { return description }
    return Shape([dimensions[2], dimensions[0], dimensions[1]]).description
  }
}

extension Shape: Codable {
  public init(from decoder: any Decoder) throws {
    let dimensions = try decoder.singleValueContainer().decode([Int].self)
    guard dimensions.allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a shape with a negative dimension: \(dimensions)"))
    }
    self.init(dimensions)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }
}
