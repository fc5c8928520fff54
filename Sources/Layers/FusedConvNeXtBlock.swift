import Kernels
import Tensors

/// A ConvNeXt block at inference, over tiles that stay in the second-level cache: some rows of a picture, or some whole
/// small pictures. The hidden channels are made and used up in parts.
///
///     x --padded--> rows --depthwise, norm--> features --expand, activation--> hidden part
///     x --copied--> y <--------------------------added-------------- smooth <------+
///
///     persistent: | packed expand | packed smooth, scaled | expand's bias | smooth's bias, scaled | gamma, beta |
///     workspace:  | rows, features, hidden part: worker 0 | worker 1 | ...
final class FusedConvNeXtBlock: Operation {
  private let block: ConvNeXtBlock
  private let geometry: ConvolutionGeometry
  private let channels: Int
  private let hidden: Int
  /// Hidden channels made at a time.
  private let partSize: Int
  /// Rows of a picture in a tile, and pictures when they are whole.
  private let lines: Int
  private let images: Int
  private let workerCount: Int
  private let persistent: Places
  private let scratch: Scratch

  /// Where things lie in the persistent memory.
  private struct Places {
    let expand = 0
    let smooth: Int
    let expandBias: Int
    let smoothBias: Int
    let factors: Int
    let count: Int

    init(channels: Int, hidden: Int, partSize: Int) {
      let (whole, rest) = (hidden / partSize, hidden % partSize)
      func packed(_ count: (Int) -> Int) -> Int { aligned(whole * count(partSize) + (rest > 0 ? count(rest) : 0)) }
      smooth = packed { gemm_packedCount(depth: channels, columns: $0) }
      expandBias = smooth + packed { gemm_packedCount(depth: $0, columns: channels) }
      // The bias of a panel of columns is read whole.
      smoothBias = expandBias + aligned(hidden + 32)
      factors = smoothBias + aligned(channels)
      count = factors + 2 * aligned(channels)
    }
  }

  /// Where things lie in a worker's scratch memory.
  private struct Scratch {
    let rows = 0
    let features: Int
    let hidden: Int
    let count: Int

    init(rowsCount: Int, pixels: Int, channels: Int, partSize: Int) {
      features = aligned(rowsCount)
      hidden = features + aligned(pixels * channels)
      count = hidden + aligned(pixels * partSize)
    }
  }

  init(_ block: ConvNeXtBlock, _ request: OperationRequest) {
    self.block = block
    geometry = block.depthwise.geometry(for: request.inputShapes[0])
    channels = geometry.inputChannels
    hidden = block.expand.filters
    partSize = min(hidden, 384)
    workerCount = request.workerCount
    // What a tile reads and writes should fill half of the second-level cache at most.
    let wanted = max(96, min(576, 100_000 / (2 * channels + partSize)))
    let pixels = geometry.outputHeight * geometry.outputWidth
    if pixels <= wanted {
      lines = geometry.outputHeight
      // Every worker should get some tiles.
      images = max(1, min(wanted / pixels, request.maximumBatch / (2 * request.workerCount)))
    } else {
      let bands = (pixels + wanted - 1) / wanted
      lines = (geometry.outputHeight + bands - 1) / bands
      images = 1
    }
    persistent = Places(channels: channels, hidden: hidden, partSize: partSize)
    scratch = Scratch(
      rowsCount: convolution_workspaceCount(geometry, lines: lines), pixels: images * lines * geometry.outputWidth,
      channels: channels, partSize: partSize)
  }

  var persistentCount: Int { persistent.count }
  /// `prepare` scales the kernel of `smooth` there.
  var workspaceCount: Int { max(workerCount * scratch.count, hidden * channels) }

  // MARK: prepare

  func prepare(_ frame: Frame) {
    let parameters = Parameters(block, frame.parameters)
    let base: UnsafeMutablePointer<Float> = frame.persistent
    (base + persistent.expandBias).update(repeating: 0, count: persistent.factors - persistent.expandBias)
    if let bias = parameters.expandBias { (base + persistent.expandBias).update(from: bias, count: hidden) }
    if let bias = parameters.smoothBias { (base + persistent.smoothBias).update(from: bias, count: channels) }
    block.norm.writeFactors(parameters.norm, channels: channels, into: base + persistent.factors)

    var smooth = UnsafePointer(parameters.smooth)
    if let scale = parameters.scale {
      let scaled: UnsafeMutablePointer<Float> = frame.workspace
      scale_channels(smooth, scale, scaled, positions: hidden, channels: channels)
      smooth = UnsafePointer(scaled)
      let bias = base + persistent.smoothBias
      scale_channels(bias, scale, bias, positions: 1, channels: channels)
    }
    var (expandTarget, smoothTarget) = (base + persistent.expand, base + persistent.smooth)
    for first in stride(from: 0, to: hidden, by: partSize) {
      let count = min(partSize, hidden - first)
      gemm_pack(
        parameters.expand + first, rowStride: hidden, depth: channels, columns: count, into: expandTarget)
      gemm_pack(
        smooth + first * channels, rowStride: channels, depth: count, columns: channels, into: smoothTarget)
      expandTarget += gemm_packedCount(depth: channels, columns: count)
      smoothTarget += gemm_packedCount(depth: count, columns: channels)
    }
  }

  /// The layers' parameters, which stand one after the other.
  private struct Parameters {
    let depthwise: UnsafeMutablePointer<Float>
    let depthwiseBias: UnsafeMutablePointer<Float>?
    let norm: ArraySlice<UnsafeMutablePointer<Float>>
    let expand: UnsafeMutablePointer<Float>
    let expandBias: UnsafeMutablePointer<Float>?
    let smooth: UnsafeMutablePointer<Float>
    let smoothBias: UnsafeMutablePointer<Float>?
    let scale: UnsafeMutablePointer<Float>?

    init(_ block: ConvNeXtBlock, _ parameters: [UnsafeMutablePointer<Float>]) {
      var rest = parameters[...]
      depthwise = rest.removeFirst()
      depthwiseBias = block.depthwise.hasBias ? rest.removeFirst() : nil
      norm = rest.prefix(block.norm.parameterCount)
      rest = rest.dropFirst(block.norm.parameterCount)
      expand = rest.removeFirst()
      expandBias = block.expand.hasBias ? rest.removeFirst() : nil
      smooth = rest.removeFirst()
      smoothBias = block.smooth.hasBias ? rest.removeFirst() : nil
      scale = block.scale != nil ? rest.removeFirst() : nil
    }
  }

  // MARK: forward

  func forward(_ frame: Frame) {
    let bands = (geometry.outputHeight + lines - 1) / lines
    let groups = (frame.batch + images - 1) / images
    let tiles = Tiles(operation: self, frame: frame)
    frame.pool.forEachTile(groups * bands) { tile, worker in
      let image = tile / bands * images
      let line = tile % bands * lines
      tiles.compute(
        image: image, count: min(images, frame.batch - image), line: line,
        lines: min(lines, geometry.outputHeight - line), worker: worker)
    }
  }

  /// Inference only: there is nothing to go back for.
  func backward(_ frame: Frame) {}

  /// The computation of one tile.
  private struct Tiles {
    let operation: FusedConvNeXtBlock
    let geometry: ConvolutionGeometry
    let scratch: Scratch
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let persistent: UnsafeMutablePointer<Float>
    let workspace: UnsafeMutablePointer<Float>
    let parameters: Parameters

    init(operation: FusedConvNeXtBlock, frame: Frame) {
      self.operation = operation
      geometry = operation.geometry
      scratch = operation.scratch
      input = frame.inputs[0]
      output = frame.output
      persistent = frame.persistent
      workspace = frame.workspace
      parameters = Parameters(operation.block, frame.parameters)
    }

    func compute(image: Int, count: Int, line: Int, lines: Int, worker: Int) {
      let places = operation.persistent
      let channels = operation.channels
      let imageCount = geometry.inputCount
      let offset = image * imageCount + line * geometry.outputWidth * channels
      let pixels = lines * geometry.outputWidth
      let rows = workspace + worker * scratch.count
      let features = rows + scratch.features
      for number in 0..<count {
        depthwise_forward(
          geometry, input: input + (image + number) * imageCount, firstLine: line, lines: lines,
          kernel: parameters.depthwise, bias: parameters.depthwiseBias, output: features + number * pixels * channels,
          workspace: rows)
      }
      // Tiles of several pictures hold whole ones, so all pixels follow each other.
      let total = count * pixels
      operation.block.norm.normalise(
        features, features, positions: total, channels: channels, factors: persistent + places.factors)
      if parameters.smoothBias == nil {
        (output + offset).update(from: input + offset, count: total * channels)
      } else {
        add_to_rows(
          input + offset, persistent + places.smoothBias, output + offset, positions: total, channels: channels)
      }
      multiply(features, total, into: output + offset, hiddenPart: rows + scratch.hidden)
    }

    /// `output += smooth(activation(expand(features)))`
    private func multiply(
      _ features: UnsafePointer<Float>, _ pixels: Int, into output: UnsafeMutablePointer<Float>,
      hiddenPart: UnsafeMutablePointer<Float>
    ) {
      let places = operation.persistent
      let (channels, hidden, partSize) = (operation.channels, operation.hidden, operation.partSize)
      let activation = operation.block.activation
      var expand = persistent + places.expand
      var smooth = persistent + places.smooth
      let rows = SegmentedMatrix(rows: features, rowCount: pixels, depth: channels, stride: channels)
      for first in stride(from: 0, to: hidden, by: partSize) {
        let count = min(partSize, hidden - first)
        gemm_segmented(
          rows, packed: expand, columns: count, bias: persistent + places.expandBias + first, into: hiddenPart,
          ldc: count, relu: activation == .relu)
        if activation != .identity && activation != .relu {
          activation_forward(activation, hiddenPart, hiddenPart, pixels * count)
        }
        gemm_segmented(
          SegmentedMatrix(rows: hiddenPart, rowCount: pixels, depth: count, stride: count), packed: smooth,
          columns: channels, bias: nil, into: output, ldc: channels, relu: false, accumulates: true)
        expand += gemm_packedCount(depth: channels, columns: count)
        smooth += gemm_packedCount(depth: count, columns: channels)
      }
    }
  }
}
