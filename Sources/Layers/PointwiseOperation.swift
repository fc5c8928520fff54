import Kernels
import Tensors

/// The computation of a `Conv2D` with a window of one pixel, or of a `Linear` on tokens: a matrix product over all pixels
/// of the batch, with bias and activation.
///
/// All pixels stand in one matrix `[pixels, channels]`, so a tile is as large as the caches like, however small the
/// pictures are. The gradient of a small kernel is summed in parts over consecutive pixels that are added in order; a
/// large one is divided into blocks, each summed over all pixels at once. The same bits for any number of workers.
///
///     persistent: | packed kernel | bias | packed transposed kernel |
///     workspace:  | scratch of worker 0 | scratch of worker 1 | ... | parts of the kernel and bias gradients |
final class PointwiseOperation: Operation {
  private let channels: Int
  private let filters: Int
  /// Pixels of one example.
  private let pixels: Int
  private let hasBias: Bool
  private let activation: ActivationKernel
  private let isTraining: Bool
  private let needsInputGradient: Bool
  private let maximumBatch: Int
  private let workerCount: Int
  /// Pixels of a tile.
  private let tileSize: Int
  private let packedCount: Int
  private let biasCount: Int

  convenience init(_ layer: Conv2D, _ request: OperationRequest, activation: Activation?) {
    let shape = request.inputShapes[0]
    self.init(
      positions: shape[0] * shape[1], channels: shape.channels, filters: layer.filters, hasBias: layer.hasBias, request,
      activation: activation)
  }

  /// - Parameter positions: pixels or tokens of one example.
  init(
    positions: Int, channels: Int, filters: Int, hasBias: Bool, _ request: OperationRequest, activation: Activation?
  ) {
    self.channels = channels
    self.filters = filters
    pixels = positions
    self.hasBias = hasBias
    self.activation = activation?.kernel ?? .identity
    isTraining = request.isTraining
    needsInputGradient = request.isTraining && request.needsInputGradient
    maximumBatch = request.maximumBatch
    workerCount = request.workerCount
    // What a tile reads and writes should stay in the second-level cache.
    tileSize = max(96, min(384, 120_000 / (channels + filters)))
    packedCount = aligned(gemm_packedCount(depth: channels, columns: filters))
    // The bias of a panel of columns is read whole.
    biasCount = hasBias ? aligned(filters + 32) : 0
    blas_useOneThread()
  }

  // MARK: memory

  private var needsPreActivation: Bool { isTraining && activation != .identity && activation != .relu }

  var backwardReads: BackwardReads { activation == .relu ? [.inputs, .output] : [.inputs] }
  var savedCount: Int { needsPreActivation ? maximumBatch * pixels * filters : 0 }
  var persistentCount: Int {
    packedCount + biasCount + (needsInputGradient ? gemm_packedCount(depth: filters, columns: channels) : 0)
  }
  var workspaceCount: Int {
    isTraining ? workerCount * stepScratch + parts(batch: maximumBatch) * partCount : 0
  }

  func prepare(_ frame: Frame) {
    let kernel = frame.parameters[0]
    gemm_pack(kernel, rowStride: filters, depth: channels, columns: filters, into: frame.persistent)
    if hasBias {
      let bias: UnsafeMutablePointer<Float> = frame.persistent + packedCount
      bias.update(repeating: 0, count: biasCount)
      bias.update(from: frame.parameters[1], count: filters)
    }
    if needsInputGradient {
      gemm_pack(
        kernel, rowStride: 1, columnStride: filters, depth: filters, columns: channels,
        into: frame.persistent + packedCount + biasCount)
    }
  }

  // MARK: forward

  func forward(_ frame: Frame) {
    let (channels, filters, activation) = (channels, filters, activation)
    let x = frame.inputs[0]
    let y: UnsafeMutablePointer<Float> = frame.output
    let target = needsPreActivation ? frame.saved! : y
    let packed: UnsafeMutablePointer<Float> = frame.persistent
    let bias: UnsafePointer<Float>? = hasBias ? UnsafePointer(packed + packedCount) : nil
    forEachTile(frame) { first, count in
      let offset = first * filters
      gemm_segmented(
        SegmentedMatrix(rows: x + first * channels, rowCount: count, depth: channels, stride: channels),
        packed: packed, columns: filters, bias: bias, into: target + offset, ldc: filters, relu: activation == .relu)
      if activation != .identity && activation != .relu {
        activation_forward(activation, target + offset, y + offset, count * filters)
      }
    }
  }

  private func forEachTile(_ frame: Frame, _ body: (_ first: Int, _ count: Int) -> Void) {
    let total = frame.batch * pixels
    let size = tileSize
    frame.pool.forEachTile((total + size - 1) / size) { tile, _ in
      body(tile * size, min(size, total - tile * size))
    }
  }

  // MARK: backward

  func backward(_ frame: Frame) {
    let (channels, filters, activation) = (channels, filters, activation)
    let dx = frame.inputGradients[0]
    if activation != .identity || dx != nil {
      // relu: the output is positive exactly where its input was.
      let x: UnsafePointer<Float>? =
        activation == .identity ? nil : UnsafePointer(needsPreActivation ? frame.saved! : frame.output!)
      let dy: UnsafeMutablePointer<Float> = frame.outputGradient
      let packed: UnsafeMutablePointer<Float> = frame.persistent + (packedCount + biasCount)
      forEachTile(frame) { first, count in
        let gradient = dy + first * filters
        if let x { activation_backward(activation, x + first * filters, gradient, gradient, count * filters) }
        if let dx {
          gemm_segmented(
            SegmentedMatrix(rows: gradient, rowCount: count, depth: filters, stride: filters), packed: packed,
            columns: channels, bias: nil, into: dx + first * channels, ldc: channels, relu: false)
        }
      }
    }
    if frame.parameterGradients.contains(where: { $0 != nil }) { parameterGradients(frame) }
  }

  /// A kernel that the first levels of the cache do not hold is not summed in parts, which would be added up in memory.
  private var sumsInParts: Bool { channels * filters <= 1 << 16 }

  /// Pixels that one step of a part takes.
  private var stepSize: Int { 128 }

  private var step: ConvolutionGeometry {
    ConvolutionGeometry(inputHeight: 1, inputWidth: stepSize, inputChannels: channels, filters: filters, kernel: (1, 1))
  }

  private var stepScratch: Int {
    sumsInParts ? aligned(convolution_kernelGradientWorkspaceCount(step, lines: 1)) : 0
  }

  /// Floats of one part of the kernel and bias gradients.
  private var partCount: Int { aligned((sumsInParts ? channels * filters : 0) + filters) }

  private func parts(batch: Int) -> Int { max(1, min(16, batch * pixels / stepSize)) }

  private func parameterGradients(_ frame: Frame) {
    let (channels, filters, stepSize, partCount) = (channels, filters, stepSize, partCount)
    let total = frame.batch * pixels
    let x = frame.inputs[0]
    let dy: UnsafeMutablePointer<Float> = frame.outputGradient
    let hasBias = self.hasBias
    let kernelCount = channels * filters
    if !sumsInParts, let gradient = frame.parameterGradients[0] {
      forEachBlock(frame.pool) { row, rows, column, columns in
        gemm_blas(
          transposeA: true, m: rows, n: columns, k: total, x + row, lda: channels, dy + column, ldb: filters,
          into: gradient + row * filters + column, ldc: filters)
      }
    }
    if !sumsInParts && !hasBias { return }
    let scratch = stepScratch
    let workspace: UnsafeMutablePointer<Float> = frame.workspace
    let partials = workspace + workerCount * scratch
    let parts = parts(batch: frame.batch)
    let sumsKernel = sumsInParts
    let biasStart = sumsKernel ? kernelCount : 0
    frame.pool.forEachTile(parts) { part, worker in
      let sums = partials + part * partCount
      sums.update(repeating: 0, count: partCount)
      let end = (part + 1) * total / parts
      for first in stride(from: part * total / parts, to: end, by: stepSize) {
        let count = min(stepSize, end - first)
        if sumsKernel {
          var geometry = self.step
          (geometry.inputWidth, geometry.outputWidth) = (count, count)
          convolution_kernelGradient(
            geometry, input: x + first * channels, outputGradient: dy + first * filters, firstLine: 0, lines: 1,
            addTo: sums, biasGradient: hasBias ? sums + biasStart : nil, workspace: workspace + worker * scratch)
        } else {
          sum_rows(dy + first * filters, rows: count, columns: filters, addTo: sums)
        }
      }
    }
    if sumsKernel, let gradient = frame.parameterGradients[0] {
      elementTiles(frame.pool, count: kernelCount) { first, count in
        sum_partials(partials + first, parts: parts, stride: partCount, count: count, into: gradient + first)
      }
    }
    if hasBias, let gradient = frame.parameterGradients[1] {
      sum_partials(partials + biasStart, parts: parts, stride: partCount, count: filters, into: gradient)
    }
  }

  /// Divides the kernel `[channels, filters]` along its longer side.
  private func forEachBlock(
    _ pool: WorkerPool, _ body: (_ row: Int, _ rows: Int, _ column: Int, _ columns: Int) -> Void
  ) {
    let (channels, filters) = (channels, filters)
    let blocks = max(2, min(16, max(channels, filters) / 192))
    pool.forEachTile(blocks) { block, _ in
      if channels > filters {
        let (first, end) = (block * channels / blocks, (block + 1) * channels / blocks)
        body(first, end - first, 0, filters)
      } else {
        let (first, end) = (block * filters / blocks, (block + 1) * filters / blocks)
        body(0, channels, first, end - first)
      }
    }
  }
}
