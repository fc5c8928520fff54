import Foundation
import Kernels

/// Resizes bytes to floats; keeps its tables and scratch rows from one picture to the next.
///
/// Not for several threads at once.
final class Resampler {
  private var floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)
  private var integers = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 0)
  private var result = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)

  deinit {
    result.deallocate()
    floats.deallocate()
    integers.deallocate()
  }

  /// A rectangle of pixels; `stride` counts elements from one row to the next.
  struct Source {
    let pointer: UnsafePointer<UInt8>
    let width: Int
    let height: Int
    let stride: Int
  }

  struct Target {
    let pointer: UnsafeMutablePointer<Float>
    let width: Int
    let height: Int
    let stride: Int
  }

  func resample(_ source: Source, to target: Target, mode: Preprocessing.ResizeMode) {
    if source.width == target.width, source.height == target.height {
      for y in 0..<target.height {
        expand_u8(source.pointer + y * source.stride, target.pointer + y * target.stride, target.width * 3)
      }
      return
    }
    switch mode {
    case .bilinear: bilinear(source, target)
    case .area: area(source, target)
    }
  }

  /// Resizes floats as `tf.image.resize` does: bilinear, half-pixel centres, no antialias.
  func stretch(
    _ source: UnsafePointer<Float>, width: Int, height: Int, to target: UnsafeMutablePointer<Float>,
    width targetWidth: Int, height targetHeight: Int
  ) {
    let tables = reserveTables(sourceWidth: width, targetWidth: targetWidth, targetHeight: targetHeight)
    Resampler.lerpTable(width, targetWidth, tables.columns)
    Resampler.lerpTable(height, targetHeight, tables.rows)
    lerp(
      tables, Target(pointer: target, width: targetWidth, height: targetHeight, stride: targetWidth * 3)
    ) { row, expanded in expanded.update(from: source + row * width * 3, count: width * 3) }
  }

  /// Samples a part of a picture as `tf.image.crop_and_resize` does.
  func cropAndResize(
    _ source: UnsafePointer<Float>, width: Int, height: Int, box: CropBox, to target: UnsafeMutablePointer<Float>,
    width targetWidth: Int, height targetHeight: Int
  ) {
    let tables = reserveTables(sourceWidth: width, targetWidth: targetWidth, targetHeight: targetHeight)
    Resampler.cornerTable(width, box.x1, box.x2, targetWidth, tables.columns)
    Resampler.cornerTable(height, box.y1, box.y2, targetHeight, tables.rows)
    lerp(
      tables, Target(pointer: target, width: targetWidth, height: targetHeight, stride: targetWidth * 3)
    ) { row, expanded in expanded.update(from: source + row * width * 3, count: width * 3) }
  }

  private func bilinear(_ source: Source, _ target: Target) {
    let tables = reserveTables(
      sourceWidth: source.width, targetWidth: target.width, targetHeight: target.height)
    Resampler.lerpTable(source.width, target.width, tables.columns)
    Resampler.lerpTable(source.height, target.height, tables.rows)
    lerp(tables, target) { row, expanded in
      expand_u8(source.pointer + row * source.stride, expanded, source.width * 3)
    }
  }

  /// Between which two source positions a target position lies, and how far from the lower one.
  private struct LerpTable {
    let lower: UnsafeMutablePointer<Int32>
    let upper: UnsafeMutablePointer<Int32>
    let t: UnsafeMutablePointer<Float>
  }

  private struct LerpTables {
    let columns: LerpTable
    let rows: LerpTable
    /// Scratch rows: one of the source, two of the target.
    let expanded: UnsafeMutablePointer<Float>
    let top: UnsafeMutablePointer<Float>
    let bottom: UnsafeMutablePointer<Float>
  }

  private func reserveTables(sourceWidth: Int, targetWidth: Int, targetHeight: Int) -> LerpTables {
    let (sourceRow, targetRow) = (sourceWidth * 3 + 1, targetWidth * 3 + 1)
    let expanded = reserveFloats(sourceRow + 2 * targetRow + targetWidth + targetHeight)
    let top = expanded + sourceRow
    let bottom = top + targetRow
    let columnT = bottom + targetRow
    let columns = reserveIntegers(2 * (targetWidth + targetHeight))
    let rows = columns + 2 * targetWidth
    // The last pixel of a scratch row is loaded with one float that belongs to none.
    expanded[sourceRow - 1] = 0
    return LerpTables(
      columns: LerpTable(lower: columns, upper: columns + targetWidth, t: columnT),
      rows: LerpTable(lower: rows, upper: rows + targetHeight, t: columnT + targetWidth),
      expanded: expanded, top: top, bottom: bottom)
  }

  /// As TensorFlow 2 computes it, in the same order: first along the rows, then between them.
  private func lerp(
    _ tables: LerpTables, _ target: Target, loadRow: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    var (top, bottom) = (tables.top, tables.bottom)
    // Which source rows `top` and `bottom` hold.
    var (heldTop, heldBottom) = (-1, -1)
    func load(_ row: Int, into destination: UnsafeMutablePointer<Float>) {
      loadRow(row, tables.expanded)
      let columns = tables.columns
      lerp_columns_rgb(tables.expanded, columns.lower, columns.upper, columns.t, destination, target.width)
    }
    for y in 0..<target.height {
      let (lower, upper) = (Int(tables.rows.lower[y]), Int(tables.rows.upper[y]))
      if heldTop != lower {
        swap(&top, &bottom)
        swap(&heldTop, &heldBottom)
        if heldTop != lower {
          load(lower, into: top)
          heldTop = lower
        }
      }
      if heldBottom != upper, lower != upper {
        load(upper, into: bottom)
        heldBottom = upper
      }
      lerp_rows(
        top, lower == upper ? top : bottom, tables.rows.t[y], target.pointer + y * target.stride, target.width * 3)
    }
  }

  /// A triangle filter, first between the rows, then along them.
  private func area(_ source: Source, _ target: Target) {
    let columnTaps = Resampler.taps(source.width, target.width)
    let rowTaps = Resampler.taps(source.height, target.height)
    let count = source.width * 3
    // Behind the row, the zeros that the last pixels' unused taps read.
    let padding = columnTaps * 3 + 1
    let sum = reserveFloats(count + padding + columnTaps * target.width + rowTaps * target.height)
    (sum + count).update(repeating: 0, count: padding)
    let columnWeights = sum + count + padding
    let rowWeights = columnWeights + columnTaps * target.width
    let columns = reserveIntegers(target.width + target.height)
    let rows = columns + target.width
    Resampler.triangleTable(source.width, target.width, columnTaps, columns, columnWeights)
    Resampler.triangleTable(source.height, target.height, rowTaps, rows, rowWeights)

    for y in 0..<target.height {
      let first = Int(rows[y])
      var isFirst = true
      for k in 0..<rowTaps {
        let weight = rowWeights[y * rowTaps + k]
        if weight == 0 { continue }
        accumulate_row_u8(source.pointer + (first + k) * source.stride, weight, sum, count, isFirst: isFirst)
        isFirst = false
      }
      filter_columns_rgb(
        sum, columns, columnWeights, columnTaps, target.pointer + y * target.stride, target.width)
    }
  }

  /// Half-pixel centres: `position = (i + 0.5) * size / target - 0.5`.
  private static func lerpTable(_ size: Int, _ target: Int, _ table: LerpTable) {
    let scale = Float(size) / Float(target)
    for i in 0..<target {
      let position = (Float(i) + 0.5) * scale - 0.5
      let floor = position.rounded(.down)
      table.lower[i] = Int32(min(size - 1, max(0, Int(floor))))
      table.upper[i] = Int32(min(size - 1, max(0, Int(floor) + 1)))
      table.t[i] = position - floor
    }
  }

  /// Corners on corners: `position = (low + (high - low) * i / (target - 1)) * (size - 1)`.
  private static func cornerTable(_ size: Int, _ low: Float, _ high: Float, _ target: Int, _ table: LerpTable) {
    let last = Float(size - 1)
    let step = target > 1 ? (high - low) * last / Float(target - 1) : 0
    let start = target > 1 ? low * last : 0.5 * (low + high) * last
    for i in 0..<target {
      // Rounding must not lead out of the picture.
      let position = min(last, max(0, start + Float(i) * step))
      let floor = position.rounded(.down)
      table.lower[i] = Int32(floor)
      table.upper[i] = Int32(min(size - 1, Int(floor) + 1))
      table.t[i] = position - floor
    }
  }

  /// How many source pixels a target pixel draws on at most.
  private static func taps(_ size: Int, _ target: Int) -> Int {
    let scale = max(1, Double(size) / Double(target))
    var most = 1
    for i in 0..<target {
      let (first, end) = extent(size, target, scale, i)
      most = max(most, end - first)
    }
    return most
  }

  /// The source pixels whose centres lie within the filter's support of a target pixel's centre.
  private static func extent(_ size: Int, _ target: Int, _ support: Double, _ i: Int) -> (first: Int, end: Int) {
    let centre = (Double(i) + 0.5) * Double(size) / Double(target)
    let first = min(size - 1, max(0, Int((centre - support + 0.5).rounded(.down))))
    return (first, min(size, max(first + 1, Int((centre + support + 0.5).rounded(.down)))))
  }

  /// Weights `1 - |distance| / support` with a support of at least one source pixel, scaled to a sum of 1; zeros up to
  /// `taps`.
  private static func triangleTable(
    _ size: Int, _ target: Int, _ taps: Int, _ starts: UnsafeMutablePointer<Int32>,
    _ weights: UnsafeMutablePointer<Float>
  ) {
    let support = max(1, Double(size) / Double(target))
    for i in 0..<target {
      let centre = (Double(i) + 0.5) * Double(size) / Double(target)
      let (first, end) = extent(size, target, support, i)
      func weight(_ pixel: Int) -> Double { max(0, 1 - abs(Double(pixel) + 0.5 - centre) / support) }
      var sum = 0.0
      for pixel in first..<end { sum += weight(pixel) }
      for k in 0..<taps { weights[i * taps + k] = first + k < end ? Float(weight(first + k) / sum) : 0 }
      starts[i] = Int32(first)
    }
  }

  /// Room for a resized picture that becomes bytes.
  func output(_ count: Int) -> UnsafeMutablePointer<Float> {
    if result.count < count {
      result.deallocate()
      result = .allocate(capacity: count)
    }
    return result.baseAddress!
  }

  private func reserveFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
    if floats.count < count {
      floats.deallocate()
      floats = .allocate(capacity: count)
    }
    return floats.baseAddress!
  }

  private func reserveIntegers(_ count: Int) -> UnsafeMutablePointer<Int32> {
    if integers.count < count {
      integers.deallocate()
      integers = .allocate(capacity: count)
    }
    return integers.baseAddress!
  }
}
