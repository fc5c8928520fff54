import Kernels
import Schemas
import Tensors

/// A linear function of each value: `y = scale x + offset`, with constants that are not learnt, for all channels or for each.
///
/// `rescale { scale = 1 / 127.5, offset = -1 }` takes pixels of 0 to 255 to -1 to 1. Shapes: any -> the same.
public struct Rescale: BuiltInLayer {
  public static let schema = Schema(
    "rescale", help: "Multiplies each value by a constant and adds another.",
    options: [
      OptionSchema(
        "scale", .either([.number, .list(.number)]), required: true, help: "The factor; a list: one for each channel."),
      OptionSchema(
        "offset", .either([.number, .list(.number)]), default: .number(0),
        help: "What is added after that; a list: for each channel."),
    ])

  public let options: Options
  /// One for all channels, or one for each.
  public let scale: [Float]
  /// Likewise.
  public let offset: [Float]

  /// - Throws: `LayerError.options` for a number that float32 does not hold.
  public init(options: Options) throws {
    self.options = options
    func numbers(_ name: String) throws -> [Float] {
      let values = options.isList(name) ? options.numbers(name) : [options.number(name)]
      for value in values where !Float(value).isFinite {
        throw LayerError.options("'\(name)' = \(value) is too large")
      }
      return values.map { Float($0) }
    }
    scale = try numbers("scale")
    offset = try numbers("offset")
  }

  /// - Throws: `LayerError.options` for a list that has not a number for each channel.
  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try oneInput(inputs)
    for (name, values) in [("scale", scale), ("offset", offset)] {
      if options.isList(name), values.count != shape.channels {
        throw LayerError.options("'\(name)' has \(values.count) numbers, but its input has \(shape.channels) channels")
      }
    }
    return LayerSignature(outputShape: shape, flops: min(2 * shape.count, 1 << 48))
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    let shape = request.inputShapes[0]
    if scale.count == 1, offset.count == 1 {
      return RescaleOperation(scale: scale[0], offset: offset[0], count: shape.count)
    }
    return ChannelRescaleOperation(
      scale: (0..<shape.channels).map { scale[scale.count == 1 ? 0 : $0] },
      offset: (0..<shape.channels).map { offset[offset.count == 1 ? 0 : $0] }, count: shape.count)
  }
}

extension Options {
  fileprivate func isList(_ name: String) -> Bool {
    if case .list? = self[name] { true } else { false }
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

/// With constants for each channel, which are repeated until they fill whole vectors.
///
///     persistent: | scale, 8 times | offset, 8 times | zeros |
private final class ChannelRescaleOperation: Operation {
  private let scale: [Float]
  private let offset: [Float]
  private let count: Int
  private let period: Int

  init(scale: [Float], offset: [Float], count: Int) {
    self.scale = scale
    self.offset = offset
    self.count = count
    period = 8 * scale.count
  }

  var persistentCount: Int { 3 * period }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func prepare(_ frame: Frame) {
    for i in 0..<period {
      frame.persistent[i] = scale[i % scale.count]
      frame.persistent[period + i] = offset[i % scale.count]
      frame.persistent[2 * period + i] = 0
    }
  }

  func forward(_ frame: Frame) {
    rescale(frame, frame.inputs[0], frame.output!, offsets: frame.persistent + period)
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    rescale(frame, frame.outputGradient!, dx, offsets: frame.persistent + 2 * period)
  }

  private func rescale(
    _ frame: Frame, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, offsets: UnsafePointer<Float>
  ) {
    let period = period
    let scales: UnsafeMutablePointer<Float> = frame.persistent
    forEachChunk(frame.pool, count * frame.batch, of: period * max(1, 16384 / period)) { start, size in
      rescale_pattern(x + start, scales: scales, offsets: offsets, period: period, y + start, size)
    }
  }
}
