/// Smooth noise from one table of random numbers that all sheets share; each use looks at another place of it.
package struct Noise {
  /// Where this noise reads the table; far from 0, so that no place it is asked for is negative.
  private let offset: Point
  /// How far apart neighbours along x and y are in the table.
  private let strides: (x: Int, y: Int)

  private static let side = 256
  private static let table: [Float] = (0..<UInt64(side * side)).map {
    Float(RandomSource.mix($0 &* 0x9E37_79B9_7F4A_7C15 &+ 0xA5A5) >> 40) * 0x1p-24
  }

  package init(_ random: inout RandomSource) {
    offset = Point(random.uniform(0, 256) + 2048, random.uniform(0, 256) + 2048)
    strides = random.chance(0.5) ? (1, Self.side) : (Self.side, 1)
  }

  /// In 0 ... 1, mean 0.5; the table's points are 1 apart.
  ///
  /// - Parameters x, y: above -2048.
  @inline(__always) package func value(_ x: Float, _ y: Float) -> Float { row(y).value(x) }

  /// The noise along a line of constant y, which is faster to read.
  @inline(__always) func row(_ y: Float) -> Row {
    let v = y + offset.y
    let row = Int(v)
    return Row(
      table: Self.table, near: (row & 255) &* strides.y, far: ((row &+ 1) & 255) &* strides.y,
      share: Self.eased(v - Float(row)), start: offset.x, stride: strides.x)
  }

  struct Row {
    fileprivate let table: [Float]
    fileprivate let near: Int
    fileprivate let far: Int
    fileprivate let share: Float
    fileprivate let start: Float
    fileprivate let stride: Int

    /// The table's point before x, for noise that is finer than the pixels.
    @inline(__always) func nearest(_ x: Float) -> Float {
      let place = near &+ (Int(x + start) & 255) &* stride
      return table.withUnsafeBufferPointer { $0[place] }
    }

    @inline(__always) func value(_ x: Float) -> Float {
      let u = x + start
      let column = Int(u)
      let s = Noise.eased(u - Float(column))
      let left = (column & 255) &* stride
      let right = ((column &+ 1) & 255) &* stride
      return table.withUnsafeBufferPointer { table in
        blend(
          blend(table[near &+ left], table[near &+ right], s), blend(table[far &+ left], table[far &+ right], s), share)
      }
    }
  }

  /// Three octaves, in 0 ... 1.
  @inline(__always) func cloud(_ x: Float, _ y: Float) -> Float {
    value(x, y) * 0.55 + value(x * 2.1 + 17, y * 2.1 + 31) * 0.29 + value(x * 4.3 + 53, y * 4.3 + 71) * 0.16
  }

  @inline(__always) fileprivate static func eased(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
