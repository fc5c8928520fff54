import Kernels
import Schemas
import Tensors

/// A linear function of each value: `y = scale x + offset`, with constants that are not learnt.
///
/// `rescale { scale = 1 / 127.5, offset = -1 }` takes pixels of 0 to 255 to -1 to 1. Shapes: any -> the same.
public struct Rescale: BuiltInLayer {
  public static let schema = Schema(
    "rescale", help: "Multiplies each value by a constant and adds another.",
    options: [
      OptionSchema("scale", .number, required: true, help: "The factor."),
      OptionSchema("offset", .number, default: .number(0), help: "What is added after that."),
    ])

  public let options: Options
  public let scale: Float
  public let offset: Float

  /// - Throws: `LayerError.options` for a number that float32 does not hold.
  public init(options: Options) throws {
    self.options = options
    scale = Float(options.number("scale"))
    offset = Float(options.number("offset"))
    for (name, value) in [("scale", scale), ("offset", offset)] where !value.isFinite {
      throw LayerError.options("'\(name)' = \(options.number(name)) is too large")
    }
  }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    return LayerSignature(outputShape: shape, flops: min(2 * shape.count, 1 << 48))
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    RescaleOperation(scale: scale, offset: offset, count: request.inputShapes[0].count)
  }
}

private final class RescaleOperation: Operation {
  private let scale: Float
  private let offset: Float
  private let count: Int

  init(scale: Float, offset: Float, count: Int) {
    self.scale = scale
    self.offset = offset
    self.count = count
  }

  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) { rescale(frame, frame.inputs[0], frame.output!, offset: offset) }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    rescale(frame, frame.outputGradient!, dx, offset: 0)
  }

  private func rescale(
    _ frame: Frame, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, offset: Float
  ) {
    let scale = scale
    forEachChunk(frame.pool, count * frame.batch, of: 16384) { start, size in
      rescale_forward(x + start, scale: scale, offset: offset, y + start, size)
    }
  }
}
