import Kernels
import Tensors

/// Applies an activation to each element; reads its input again in backward.
final class ActivationOperation: Operation {
  private let kind: ActivationKernel
  /// Elements of one example.
  private let count: Int
  private let tileSize: Int

  init(_ activation: Activation, count: Int) {
    kind = activation.kernel
    self.count = count
    tileSize = 16384
  }

  var backwardReads: BackwardReads { .inputs }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var canOverwriteInputWithInputGradient: Bool { true }

  func forward(_ frame: Frame) {
    let kind = kind
    let x = frame.inputs[0]
    let y = frame.output!
    forEachChunk(frame.pool, count * frame.batch, of: tileSize) { start, size in
      activation_forward(kind, x + start, y + start, size)
    }
  }

  func backward(_ frame: Frame) {
    guard let dx = frame.inputGradients[0] else { return }
    let kind = kind
    let x = frame.inputs[0]
    let dy = frame.outputGradient!
    forEachChunk(frame.pool, count * frame.batch, of: tileSize) { start, size in
      activation_backward(kind, x + start, dy + start, dx + start, size)
    }
  }
}

/// Shares out 0 ..< count in chunks of `size`, the last one smaller.
func forEachChunk(_ pool: WorkerPool, _ count: Int, of size: Int, _ body: (_ start: Int, _ size: Int) -> Void) {
  pool.forEachTile((count + size - 1) / size) { tile, _ in
    let start = tile * size
    body(start, min(size, count - start))
  }
}
