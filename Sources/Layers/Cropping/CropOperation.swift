import Kernels
import Schemas
import Tensors

/// The computation of `RandomCrop` and `CenterCrop`. A tile is an example.
final class CropOperation: Operation {
  enum Placement {
    /// The same random place for the whole batch.
    case random
    case centre
    case smartResize
  }

  static let optionSchemas = ["height", "width"].map {
    OptionSchema($0, .integer, required: true, minimum: 1, maximum: 65536, help: "The \($0) of the output in pixels.")
  }

  static func signature(for inputs: [Shape], height: Int, width: Int) throws -> LayerSignature {
    let input = try onePicture(inputs)
    if input.count == 0 { throw LayerError.inputRank(expected: "a picture that is not empty", found: input) }
    let output = Shape([height, width, input[2]])
    return LayerSignature(outputShape: output, flops: output.count)
  }

  private let input: Shape
  private let height: Int
  private let width: Int
  /// nil: the picture is cut, not resized.
  private let resize: SmartResize?
  private let isRandom: Bool

  init(_ input: Shape, height: Int, width: Int, _ placement: Placement) {
    self.input = input
    self.height = height
    self.width = width
    isRandom = placement == .random
    let isSameSize = input[0] == height && input[1] == width
    resize =
      placement == .smartResize && !isSameSize
      ? SmartResize(inputHeight: input[0], inputWidth: input[1], height: height, width: width) : nil
  }

  func forward(_ frame: Frame) {
    let (inputCount, outputCount) = (input.count, height * width * input[2])
    let (x, y) = (frame.inputs[0], frame.output!)
    let origin = cropOrigin(frame)
    frame.pool.forEachTile(frame.batch) { example, _ in
      let (source, target) = (x + example * inputCount + origin, y + example * outputCount)
      if let resize {
        withTables(resize) { rows, columns in
          bilinear_resize(
            source, rowStride: input[1] * input[2], channels: input[2], rows: rows, columns: columns, target)
        }
      } else {
        for row in 0..<height {
          (target + row * width * input[2]).update(from: source + row * input[1] * input[2], count: width * input[2])
        }
      }
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let (inputCount, outputCount) = (input.count, height * width * input[2])
    let dy = frame.outputGradient!
    let origin = cropOrigin(frame)
    frame.pool.forEachTile(frame.batch) { example, _ in
      (dx + example * inputCount).update(repeating: 0, count: inputCount)
      let (target, gradient) = (dx + example * inputCount + origin, dy + example * outputCount)
      if let resize {
        withTables(resize) { rows, columns in
          bilinear_resize_backward(
            gradient, rowStride: input[1] * input[2], channels: input[2], rows: rows, columns: columns, addTo: target)
        }
      } else {
        for row in 0..<height {
          (target + row * input[1] * input[2]).update(from: gradient + row * width * input[2], count: width * input[2])
        }
      }
    }
  }

  /// The first element of the part, counted from the picture's first.
  private func cropOrigin(_ frame: Frame) -> Int {
    var (top, left) = ((input[0] - height) / 2, (input[1] - width) / 2)
    if let resize {
      (top, left) = (resize.top, resize.left)
    } else if isRandom {
      var stream = RandomStream(frame.randomKey.deriving(frame.samples[0]))
      top = stream.integer(below: input[0] - height + 1)
      left = stream.integer(below: input[1] - width + 1)
    }
    return (top * input[1] + left) * input[2]
  }

  private func withTables(
    _ resize: SmartResize, _ body: (_ rows: InterpolationPointers, _ columns: InterpolationPointers) -> Void
  ) {
    resize.rows.withPointers { rows in resize.columns.withPointers { columns in body(rows, columns) } }
  }
}

extension InterpolationTable {
  fileprivate func withPointers(_ body: (InterpolationPointers) -> Void) {
    lower.withUnsafeBufferPointer { lower in
      upper.withUnsafeBufferPointer { upper in
        fraction.withUnsafeBufferPointer { fraction in
          // An output has at least one row and one column.
          guard let lower = lower.baseAddress, let upper = upper.baseAddress, let t = fraction.baseAddress else {
            return
          }
          body(InterpolationPointers(lower: lower, upper: upper, fraction: t, count: self.lower.count))
        }
      }
    }
  }
}
