import Kernels
import Tensors

/// The computation of `Attention`.
///
/// Both kernels are products over all tokens of the batch, which `PointwiseOperation` computes. Between them a tile is one
/// head of one example; its scores are made in blocks of rows that the second-level cache holds.
///
///     saved:      | q k v of each token | heads of each token | peak and reciprocal sum of each row of scores |
///     persistent: | packed qkv | packed projection |
///     workspace:  | (inference: what is saved) | gradients of the heads | of q k v | scores, a worker each | kernels' |
///
/// At inference nothing is saved: the same lies in the workspace.
final class AttentionOperation: Operation {
  private let tokens: Int
  private let channels: Int
  private let heads: Int
  private let hasBias: Bool
  private let isTraining: Bool
  private let maximumBatch: Int
  private let workerCount: Int
  private let gather: PointwiseOperation
  private let projection: PointwiseOperation
  /// Rows of scores made at a time.
  private let blockRows: Int

  init(_ layer: Attention, _ request: OperationRequest) {
    let shape = request.inputShapes[0]
    tokens = shape[0]
    channels = shape[1]
    heads = layer.heads
    hasBias = layer.hasBias
    isTraining = request.isTraining
    maximumBatch = request.maximumBatch
    workerCount = request.workerCount
    gather = PointwiseOperation(
      positions: tokens, channels: channels, filters: 3 * channels, hasBias: hasBias, request, activation: nil)
    // The heads' gradients are needed whatever is frozen before this layer.
    let inner = OperationRequest(
      inputShapes: [shape], maximumBatch: maximumBatch, isTraining: isTraining, workerCount: workerCount)
    projection = PointwiseOperation(
      positions: tokens, channels: channels, filters: channels, hasBias: hasBias, inner, activation: nil)
    blockRows = min(tokens, max(64, 65_536 / tokens))
    blas_useOneThread()
  }

  // MARK: memory

  var backwardReads: BackwardReads { .inputs }
  var canRunForwardInPlace: Bool { true }
  var canRunBackwardInPlace: Bool { true }
  var savedCount: Int { isTraining ? keptCount : 0 }
  var persistentCount: Int { aligned(gather.persistentCount) + projection.persistentCount }
  var workspaceCount: Int {
    isTraining
      ? gradientCount + workerCount * scratchCount + kernelScratchCount : keptCount + workerCount * scratchCount
  }

  private var rowCount: Int { maximumBatch * tokens }
  private var keptCount: Int { rowCount * 4 * channels + rowCount * 2 * heads }
  private var gradientCount: Int { rowCount * 4 * channels }
  /// Scores and their gradients, and a product for each row.
  private var scratchCount: Int { aligned(blockRows * tokens * (isTraining ? 2 : 1) + blockRows) }
  private var kernelScratchCount: Int { max(gather.workspaceCount, projection.workspaceCount) }

  /// What `forward` leaves for `backward`.
  private struct Kept {
    /// `[batch, tokens, 3 channels]`
    let qkv: UnsafeMutablePointer<Float>
    /// `[batch, tokens, channels]`, the heads side by side.
    let heads: UnsafeMutablePointer<Float>
    /// `[batch, heads, tokens, 2]`
    let statistics: UnsafeMutablePointer<Float>
  }

  private func kept(_ frame: Frame) -> Kept {
    let qkv: UnsafeMutablePointer<Float> = isTraining ? frame.saved : frame.workspace
    let heads = qkv + rowCount * 3 * channels
    return Kept(qkv: qkv, heads: heads, statistics: heads + rowCount * channels)
  }

  /// The frame of one of the two kernels.
  private func inner(_ frame: Frame, isProjection: Bool, workspace: UnsafeMutablePointer<Float>) -> Frame {
    var result = Frame(batch: frame.batch, pool: frame.pool)
    let count = hasBias ? 2 : 1
    result.parameters = Array(isProjection ? frame.parameters.suffix(count) : frame.parameters.prefix(count))
    let gradients = frame.parameterGradients
    if !gradients.isEmpty {
      result.parameterGradients = Array(isProjection ? gradients.suffix(count) : gradients.prefix(count))
    }
    result.persistent = frame.persistent + (isProjection ? aligned(gather.persistentCount) : 0)
    result.workspace = workspace
    return result
  }

  func prepare(_ frame: Frame) {
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    gather.prepare(inner(frame, isProjection: false, workspace: workspace))
    projection.prepare(inner(frame, isProjection: true, workspace: workspace))
  }

  // MARK: forward

  func forward(_ frame: Frame) {
    let kept = kept(frame)
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let scratch = isTraining ? workspace : workspace + keptCount
    var first = inner(frame, isProjection: false, workspace: workspace)
    first.inputs = frame.inputs
    first.output = kept.qkv
    gather.forward(first)

    let scratchCount = scratchCount
    frame.pool.forEachTile(frame.batch * heads) { tile, worker in
      self.headForward(tile, kept, scores: scratch + worker * scratchCount)
    }

    var second = inner(frame, isProjection: true, workspace: workspace)
    second.inputs = [UnsafePointer(kept.heads)]
    second.output = frame.output
    projection.forward(second)
  }

  /// Where the q of a head of an example begins in `[batch, tokens, 3 channels]`, and the head itself in
  /// `[batch, tokens, channels]`.
  private func places(_ tile: Int) -> (qkv: Int, head: Int) {
    let (example, head) = (tile / heads, tile % heads)
    let column = head * (channels / heads)
    return (example * tokens * 3 * channels + column, example * tokens * channels + column)
  }

  private func headForward(_ tile: Int, _ kept: Kept, scores: UnsafeMutablePointer<Float>) {
    let (tokens, channels) = (tokens, channels)
    let (size, step) = (channels / heads, 3 * channels)
    let (start, headStart) = places(tile)
    let q = kept.qkv + start
    let (k, v) = (q + channels, q + 2 * channels)
    for first in stride(from: 0, to: tokens, by: blockRows) {
      let rows = min(blockRows, tokens - first)
      let head = kept.heads + headStart + first * channels
      let statistics = kept.statistics + 2 * (tile * tokens + first)
      gemm_blas(
        transposeB: true, m: rows, n: tokens, k: size, q + first * step, lda: step, k, ldb: step, into: scores,
        ldc: tokens)
      attention_exponentials(scores, scale: scale, statistics: statistics, rows: rows, columns: tokens)
      gemm_blas(m: rows, n: size, k: tokens, scores, lda: tokens, v, ldb: step, into: head, ldc: channels)
      attention_divide(head, stride: channels, statistics: statistics, rows: rows, columns: size)
    }
  }

  private var scale: Float { 1 / Float(channels / heads).squareRoot() }

  // MARK: backward

  func backward(_ frame: Frame) {
    let kept = kept(frame)
    let headsGradient: UnsafeMutablePointer<Float> = frame.workspace
    let qkvGradient = headsGradient + rowCount * channels
    let scratch = headsGradient + gradientCount
    let kernelScratch = scratch + workerCount * scratchCount

    var second = inner(frame, isProjection: true, workspace: kernelScratch)
    second.inputs = [UnsafePointer(kept.heads)]
    second.outputGradient = frame.outputGradient
    second.inputGradients = [headsGradient]
    projection.backward(second)

    var first = inner(frame, isProjection: false, workspace: kernelScratch)
    if frame.inputGradients[0] == nil, !first.parameterGradients.contains(where: { $0 != nil }) { return }
    let scratchCount = scratchCount
    frame.pool.forEachTile(frame.batch * heads) { tile, worker in
      self.headBackward(tile, kept, headsGradient, qkvGradient, scratch: scratch + worker * scratchCount)
    }
    first.inputs = frame.inputs
    first.outputGradient = qkvGradient
    first.inputGradients = frame.inputGradients
    gather.backward(first)
  }

  /// With P the probabilities and O the head: `dV = P^T dO`, `dP = dO V^T`, `dS = scale P (dP - dots)`,
  /// `dQ = dS K`, `dK = dS^T Q`; the dots of a row are those of dO and O.
  private func headBackward(
    _ tile: Int, _ kept: Kept, _ headsGradient: UnsafeMutablePointer<Float>,
    _ qkvGradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let (tokens, channels) = (tokens, channels)
    let (size, step) = (channels / heads, 3 * channels)
    let (start, headStart) = places(tile)
    let q = kept.qkv + start
    let (k, v) = (q + channels, q + 2 * channels)
    let dq = qkvGradient + start
    let (dk, dv) = (dq + channels, dq + 2 * channels)
    let probabilities = scratch
    let scoreGradient = scratch + blockRows * tokens
    let dots = scoreGradient + blockRows * tokens
    for first in stride(from: 0, to: tokens, by: blockRows) {
      let rows = min(blockRows, tokens - first)
      let beta: Float = first == 0 ? 0 : 1
      let queries = q + first * step
      let gradient = headsGradient + headStart + first * channels
      let statistics = kept.statistics + 2 * (tile * tokens + first)
      gemm_blas(
        transposeB: true, m: rows, n: tokens, k: size, queries, lda: step, k, ldb: step, into: probabilities,
        ldc: tokens)
      attention_probabilities(probabilities, scale: scale, statistics: statistics, rows: rows, columns: tokens)
      gemm_blas(
        transposeA: true, m: tokens, n: size, k: rows, probabilities, lda: tokens, gradient, ldb: channels, beta: beta,
        into: dv, ldc: step)
      gemm_blas(
        transposeB: true, m: rows, n: tokens, k: size, gradient, lda: channels, v, ldb: step, into: scoreGradient,
        ldc: tokens)
      attention_row_dots(
        gradient, kept.heads + headStart + first * channels, stride: channels, into: dots, rows: rows, columns: size)
      attention_score_gradient(
        probabilities, scoreGradient, dots: dots, scale: scale, rows: rows, columns: tokens)
      gemm_blas(
        m: rows, n: size, k: tokens, scoreGradient, lda: tokens, k, ldb: step, into: dq + first * step, ldc: step)
      gemm_blas(
        transposeA: true, m: tokens, n: size, k: rows, scoreGradient, lda: tokens, queries, ldb: step, beta: beta,
        into: dk, ldc: step)
    }
  }
}
