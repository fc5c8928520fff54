import Kernels
import Schemas
import Tensors

/// The product of two or more inputs: `y = x1 x2 ...`, element by element.
///
/// Each input has the shape of the largest one, or is spread over it: for a picture `[height, width, channels]`,
/// `[channels]` or `[1, 1, channels]` (a factor a channel), `[height, width, 1]` (a factor a position), `[1]` (one
/// factor). Output: the largest shape.
public struct Multiply: BuiltInLayer {
  public static let schema = Schema(
    "multiply", help: "The product of its inputs; a factor a channel or a position is spread over the picture.")

  public let options: Options

  public init(options: Options) throws { self.options = options }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard inputs.count >= 2 else { throw LayerError.inputCount(expected: "two or more inputs", found: inputs.count) }
    let largest = Multiply.largest(inputs)
    for shape in inputs where Spread(of: shape, over: largest) == nil {
      throw LayerError.shapesDiffer(largest, shape)
    }
    return LayerSignature(outputShape: largest, flops: (inputs.count - 1) * largest.count)
  }

  public func makeOperation(_ request: OperationRequest) -> any Operation {
    let largest = Multiply.largest(request.inputShapes)
    return MultiplyOperation(
      largest, request.inputShapes.map { Spread(of: $0, over: largest) ?? .full }, workers: request.workerCount)
  }

  /// The first shape with the most elements, of these the one with the highest rank.
  private static func largest(_ inputs: [Shape]) -> Shape {
    inputs.dropFirst().reduce(inputs[0]) { ($1.count, $1.rank) > ($0.count, $0.rank) ? $1 : $0 }
  }
}

/// How an input covers the output.
private enum Spread: Equatable {
  case full, channels, positions, scalar

  init?(of shape: Shape, over output: Shape) {
    if shape == output {
      self = .full
    } else if shape.count == 1 {
      self = .scalar
    } else if shape.channels == output.channels, shape.count == shape.channels {
      self = .channels
    } else if shape.rank == output.rank, shape.channels == 1,
      shape.dimensions.dropLast() == output.dimensions.dropLast()
    {
      self = .positions
    } else {
      return nil
    }
  }
}

/// One tile an image; within it, blocks of positions that fit into the first-level cache.
private final class MultiplyOperation: Operation {
  private let spreads: [Spread]
  private let positions: Int
  private let channels: Int
  private let blockPositions: Int
  private let workers: Int

  init(_ shape: Shape, _ spreads: [Spread], workers: Int) {
    self.spreads = spreads
    self.workers = workers
    channels = max(1, shape.channels)
    positions = shape.count / channels
    blockPositions = max(1, min(positions, 2048 / channels))
  }

  /// Two blocks a worker.
  var workspaceCount: Int { 2 * workers * blockPositions * channels }
  var backwardReads: BackwardReads { .inputs }
  /// With more inputs, one that is given twice would be overwritten before it is read again.
  var canRunForwardInPlace: Bool { spreads.count == 2 && spreads[0] == .full }
  var canRunBackwardInPlace: Bool { spreads[0] == .full }
  var canOverwriteInputWithInputGradient: Bool { spreads[0] == .full }

  func forward(_ frame: Frame) {
    forEachBlock(frame) { block, _ in
      let y = frame.output! + block.offset
      if spreads[0] == .full, spreads[1] == .full {
        multiply_vectors(frame.inputs[0] + block.offset, frame.inputs[1] + block.offset, y, block.count * channels)
        for i in 2..<spreads.count { multiply(y, by: i, frame, block) }
      } else {
        // The full inputs first: the first of them may be the output's memory.
        let order = spreads.indices.sorted { (spreads[$0] == .full ? 0 : 1, $0) < (spreads[$1] == .full ? 0 : 1, $1) }
        if spreads[order[0]] == .full {
          let x = frame.inputs[order[0]] + block.offset
          if x != UnsafePointer(y) { y.update(from: x, count: block.count * channels) }
          for i in order.dropFirst() { multiply(y, by: i, frame, block) }
        } else {
          y.update(repeating: 1, count: block.count * channels)
          for i in order { multiply(y, by: i, frame, block) }
        }
      }
    }
  }

  func backward(_ frame: Frame) {
    let blockCount = blockPositions * channels
    forEachBlock(frame) { block, worker in
      let count = block.count * channels
      let scratch = frame.workspace! + 2 * worker * blockCount
      let dy = scratch + blockCount
      // Gradients may lie over `outputGradient` or an input; the first input's is written last.
      dy.update(from: frame.outputGradient! + block.offset, count: count)
      for i in spreads.indices.reversed() {
        guard let dx = frame.inputGradients[i] else { continue }
        scratch.update(from: dy, count: count)
        for j in spreads.indices where j != i { multiply(scratch, by: j, frame, block) }
        collect(scratch, into: dx, spreads[i], block)
      }
    }
  }

  private struct Block {
    let image: Int
    /// Positions of the image.
    let start: Int
    let count: Int
    /// Of the first value in a full array.
    let offset: Int
  }

  private func forEachBlock(_ frame: Frame, _ body: (Block, _ worker: Int) -> Void) {
    frame.pool.forEachTile(frame.batch) { image, worker in
      var start = 0
      while start < positions {
        let count = min(blockPositions, positions - start)
        body(Block(image: image, start: start, count: count, offset: (image * positions + start) * channels), worker)
        start += count
      }
    }
  }

  /// values = values * input i
  private func multiply(_ values: UnsafeMutablePointer<Float>, by i: Int, _ frame: Frame, _ block: Block) {
    let x = frame.inputs[i]
    switch spreads[i] {
    case .full:
      multiply_vectors(values, x + block.offset, values, block.count * channels)
    case .channels:
      for p in 0..<block.count {
        multiply_vectors(values + p * channels, x + block.image * channels, values + p * channels, channels)
      }
    case .positions:
      for p in 0..<block.count {
        scale_vector(x[block.image * positions + block.start + p], values + p * channels, channels)
      }
    case .scalar:
      scale_vector(x[block.image], values, block.count * channels)
    }
  }

  /// Sums the gradient of a full array over what its input was spread over.
  private func collect(
    _ gradient: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ spread: Spread, _ block: Block
  ) {
    switch spread {
    case .full:
      (dx + block.offset).update(from: gradient, count: block.count * channels)
    case .channels:
      let target = dx + block.image * channels
      for p in 1..<max(1, block.count) { add_vectors(gradient, gradient + p * channels, gradient, channels) }
      if block.start == 0 {
        target.update(from: gradient, count: channels)
      } else {
        add_vectors(target, gradient, target, channels)
      }
    case .positions:
      let target = dx + block.image * positions + block.start
      for p in 0..<block.count { target[p] = Float(sum_vector(gradient + p * channels, channels)) }
    case .scalar:
      let sum = Float(sum_vector(gradient, block.count * channels))
      dx[block.image] = block.start == 0 ? sum : dx[block.image] + sum
    }
  }
}
