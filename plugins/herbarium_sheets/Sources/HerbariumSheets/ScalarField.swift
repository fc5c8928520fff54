/// Numbers on a square grid over the whole picture, read with interpolation: blurred outlines and stains.
package struct ScalarField {
  let side: Int
  package var values: [Float]

  package init(side: Int) {
    self.side = side
    values = [Float](repeating: 0, count: side * side)
  }

  /// How much of each cell a drawing covers.
  init(coverageOf canvas: Canvas, side: Int) {
    self.init(side: side)
    let (width, height) = (canvas.width, canvas.height)
    // The cell of each column, and how many pixels each cell holds.
    let cells = (0..<width).map { $0 * side / width }
    for y in 0..<height {
      let row = y * side / height * side
      let line = canvas.pixels + y * width
      for x in 0..<width { values[row + cells[x]] += line[x].w }
    }
    let share = Float(side * side) / Float(width * height)
    for i in values.indices { values[i] = min(1, values[i] * share) }
  }

  /// The smallest box, in shares of the picture's sides, that holds all that is not 0.
  var bounds: (low: Point, high: Point) {
    var (left, right, top, bottom) = (side, -1, side, -1)
    for row in 0..<side {
      for column in 0..<side where values[row * side + column] > 0 {
        left = min(left, column)
        right = max(right, column)
        top = min(top, row)
        bottom = row
      }
    }
    guard right >= left else { return (Point(0, 0), Point(0, 0)) }
    let step = 1 / Float(side)
    return (
      Point(Float(left), Float(top)) * step, Point(Float(right + 1), Float(bottom + 1)) * step
    )
  }

  /// Two running averages in a row in each direction: a tent, which is soft enough for shadows and stains.
  ///
  /// - Parameter radius: in shares of the picture's side.
  /// - Complexity: O(`side` * `side`), whatever the radius.
  package func blurred(_ radius: Float) -> ScalarField {
    let cells = min(side / 2, Int(radius * 1.22 * Float(side) + 0.5))
    guard cells > 0 else { return self }
    var result = self
    var other = [Float](repeating: 0, count: side * side)
    var line = [Float](repeating: 0, count: side + 2 * cells + 1)
    for _ in 0..<2 {
      averageRows(&result.values, &line, cells)
      averageColumns(result.values, &other, cells)
      swap(&result.values, &other)
    }
    return result
  }

  private func averageRows(_ values: inout [Float], _ line: inout [Float], _ radius: Int) {
    let share = 1 / Float(2 * radius + 1)
    values.withUnsafeMutableBufferPointer { values in
      line.withUnsafeMutableBufferPointer { line in
        for row in 0..<side {
          let start = row * side
          for i in 0..<radius { line[i] = values[start] }
          for i in 0..<side { line[radius + i] = values[start + i] }
          for i in 0...radius { line[radius + side + i] = values[start + side - 1] }
          var sum: Float = 0
          for i in 0...(2 * radius) { sum += line[i] }
          for i in 0..<side {
            values[start + i] = sum * share
            sum += line[i + 2 * radius + 1] - line[i]
          }
        }
      }
    }
  }

  private func averageColumns(_ values: [Float], _ result: inout [Float], _ radius: Int) {
    let share = 1 / Float(2 * radius + 1)
    var sums = [Float](repeating: 0, count: side)
    values.withUnsafeBufferPointer { values in
      result.withUnsafeMutableBufferPointer { result in
        sums.withUnsafeMutableBufferPointer { sums in
          for row in -radius...radius {
            let start = min(side - 1, max(0, row)) * side
            for i in 0..<side { sums[i] += values[start + i] }
          }
          for row in 0..<side {
            let start = row * side
            let enters = min(side - 1, row + radius + 1) * side
            let leaves = max(0, row - radius) * side
            for i in 0..<side {
              result[start + i] = sums[i] * share
              sums[i] += values[enters + i] - values[leaves + i]
            }
          }
        }
      }
    }
  }

  /// - Parameters x, y: in 0 ... 1 over the picture; outside, the border's values go on.
  @inline(__always) func value(_ x: Float, _ y: Float) -> Float { row(y).value(x) }

  /// The numbers along a line of constant y, which is faster to read.
  @inline(__always) func row(_ y: Float) -> Row {
    let v = clamp(y * Float(side) - 0.5, 0, Float(side - 1))
    let row = Int(v)
    return Row(
      values: values, side: side, near: row * side, far: min(row + 1, side - 1) * side, share: v - Float(row))
  }

  struct Row {
    fileprivate let values: [Float]
    fileprivate let side: Int
    fileprivate let near: Int
    fileprivate let far: Int
    fileprivate let share: Float

    @inline(__always) func value(_ x: Float) -> Float {
      let u = clamp(x * Float(side) - 0.5, 0, Float(side - 1))
      let left = Int(u)
      let right = min(left &+ 1, side &- 1)
      let s = u - Float(left)
      return values.withUnsafeBufferPointer { values in
        blend(
          blend(values[near &+ left], values[near &+ right], s), blend(values[far &+ left], values[far &+ right], s),
          share)
      }
    }
  }
}
