import Schemas
import Tensors

/// One token of a sequence: `y = x[index]`. A Vision Transformer classifies by its first.
///
/// Input `[tokens, channels]`, output `[channels]`.
public struct TakeToken: BuiltInLayer {
  public static let schema = Schema(
    "take_token", help: "One token of a sequence.",
    options: [
      OptionSchema("index", .integer, default: .integer(0), minimum: 0, help: "Which one; the first is 0.")
    ])

  public let options: Options
  public let index: Int

  public init(options: Options) throws {
    self.options = options
    index = options.integer("index")
  }

  /// - Throws: `LayerError.options` for an index behind the last token.
  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try tokenSequence(inputs)
    guard index < shape[0] else {
      throw LayerError.options("'index' is \(index), but the last of \(shape[0]) tokens is \(shape[0] - 1)")
    }
    return LayerSignature(outputShape: [shape[1]])
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    TakeTokenOperation(request.inputShapes[0], index: index)
  }
}

/// A tile is an example.
private final class TakeTokenOperation: Operation {
  private let count: Int
  private let channels: Int
  private let start: Int

  init(_ shape: Shape, index: Int) {
    count = shape.count
    channels = shape.channels
    start = index * shape.channels
  }

  func forward(_ frame: Frame) {
    let (count, channels, start) = (count, channels, start)
    let (x, y) = (frame.inputs[0], frame.output!)
    frame.pool.forEachTile(frame.batch) { example, _ in
      (y + example * channels).update(from: x + example * count + start, count: channels)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let (count, channels, start) = (count, channels, start)
    let dy = frame.outputGradient!
    frame.pool.forEachTile(frame.batch) { example, _ in
      let target = dx + example * count
      target.update(repeating: 0, count: count)
      (target + start).update(from: dy + example * channels, count: channels)
    }
  }
}
