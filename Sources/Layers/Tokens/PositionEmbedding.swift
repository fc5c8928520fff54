import Kernels
import Schemas
import Tensors

/// Adds to each token a learnt vector that stands for its place: `y = x + positions`.
///
/// Shapes: `[tokens, channels]` -> the same. Parameter: `positions` `[tokens, channels]`, normal with a deviation of
/// 0.02, and without weight decay.
/// With `grid`, the last `height * width` tokens are the places of a picture, rows first, and those before them stand for
/// no place: `PositionGrid` can then make the vectors of a picture of another size.
public struct PositionEmbedding: BuiltInLayer {
  public static let schema = Schema(
    "position_embedding", help: "Adds a learnt vector to each token, by its place.",
    options: [
      OptionSchema(
        "grid", .either([.integer, .list(.integer)]), minimum: 1, maximum: 16384,
        help: "Height and width of the grid that the last tokens form, so that numbers of another grid can be fitted.")
    ])

  public let options: Options
  /// Height and width; nil: the tokens form none.
  public let grid: (height: Int, width: Int)?

  /// - Throws: `LayerError.options` for a list that has not two members.
  public init(options: Options) throws {
    self.options = options
    if case .list(let sides)? = options["grid"], sides.count != 2 {
      throw LayerError.options("'grid' must be one integer or a list of two, not of \(sides.count)")
    }
    grid = options["grid"] == nil ? nil : options.pair("grid")
  }

  /// - Throws: `LayerError.options` for a grid of more places than there are tokens.
  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    let shape = try tokenSequence(inputs)
    if let grid, grid.height * grid.width > shape[0] {
      throw LayerError.options(
        "'grid' has \(grid.height * grid.width) places (\(grid.height)x\(grid.width)), but there are \(shape[0]) tokens"
      )
    }
    return LayerSignature(
      outputShape: shape, parameters: [ParameterSpec("positions", shape, .normal(0.02), decays: false)],
      flops: shape.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    PositionEmbeddingOperation(count: request.inputShapes[0].count)
  }
}

private final class PositionEmbeddingOperation: Operation {
  /// Numbers of one example.
  private let count: Int

  init(count: Int) { self.count = count }

  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let count = count
    let (x, positions, y) = (frame.inputs[0], frame.parameters[0], frame.output!)
    frame.pool.forEachTile(frame.batch) { example, _ in
      add_vectors(x + example * count, positions, y + example * count, count)
    }
  }

  func backward(_ frame: Frame) {
    let count = count
    let dy = frame.outputGradient!
    if let gradient = frame.parameterGradients[0] {
      forEachChunk(frame.pool, count, of: 4096) { start, size in
        sum_partials(dy + start, parts: frame.batch, stride: count, count: size, into: gradient + start)
      }
    }
    if let dx = frame.inputGradients[0] { copyChunks(frame.pool, dy, dx, count * frame.batch) }
  }
}
