// Times the kernels on the layers of the 2017 paper's networks: GFLOP/s, the best of several runs.
//
//     swift run -c release kernel-bench [threads] [repetitions] [convnext]
//
// With `convnext`: the blocks of ConvNeXt-N and -T at 96 x 96 pixels, and the kernels beside their matrix products.

import COpenBLAS
import Foundation
import Kernels
import KernelsAVX512
import Layers
import Schemas
import Tensors

let threads = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1 : 1
let repetitions = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 7 : 7
let pool = WorkerPool(workerCount: threads)
openblas_set_num_threads(1)

/// Seconds by the wall clock, or of the processor with one thread, which a busy machine disturbs less.
func now() -> Double {
  var time = timespec()
  clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Seconds of the fastest of several calls.
func best(_ body: () throws -> Void) rethrows -> Double {
  var result = Double.infinity
  for _ in 0..<repetitions {
    let start = now()
    try body()
    result = min(result, now() - start)
  }
  return result
}

// Pointers do not keep their tensors: this does, for as long as one layer is measured.
nonisolated(unsafe) var alive: [Tensor] = []

func zeros(_ count: Int) -> Tensor {
  let tensor = Tensor([count])
  alive.append(tensor)
  return tensor
}

func random(_ count: Int) -> Tensor {
  let tensor = zeros(count)
  var stream = RandomStream(RandomKey(seed: count))
  for i in 0..<count { tensor[i] = stream.uniform(-1, 1) }
  return tensor
}

func report(_ name: String, _ flops: Double, _ seconds: Double) {
  let text = name.padding(toLength: 34, withPad: " ", startingAt: 0)
  print(text + String(format: "%9.2f ms %8.1f GFLOP/s", seconds * 1e3, flops / seconds / 1e9))
}

/// How fast this core multiplies and adds vectors in registers.
func measurePeak() {
  let count = 20_000_000
  report("peak, 256-bit FMA, 1 thread", Double(count) * 12 * 16, best { fma_peak(count) })
  if usesWideVectors {
    report("peak, 512-bit FMA, 1 thread", Double(count) * 12 * 32, best { fma_peak_avx512(count) })
  }
}

func measureConvolution(_ name: String, _ g: ConvolutionGeometry, batch: Int, inputGradient: Bool) {
  defer { alive = [] }
  let input = random(batch * g.inputCount)
  let output = random(batch * g.outputCount)
  let kernel = random(g.kernelCount)
  let packed = zeros(convolution_packedCount(g))
  convolution_pack(g, kernel: kernel.pointer, into: packed.pointer)
  let bias = random(g.filters + 32)
  let flops = 2 * Double(batch * g.outputCount * g.weightsPerFilter)

  func run(_ g: ConvolutionGeometry, _ x: Tensor, _ w: Tensor, _ y: Tensor) -> Double {
    let lines = convolution_linesPerTile(g)
    let bands = (g.outputHeight + lines - 1) / lines
    let perWorker = convolution_workspaceCount(g, lines: lines)
    let workspace = zeros(threads * perWorker + 1)
    return best {
      pool.forEachTile(batch * bands) { tile, worker in
        let (image, band) = (tile / bands, tile % bands)
        let first = band * lines
        convolution_forward(
          g, input: x.pointer + image * g.inputCount, firstLine: first, lines: min(lines, g.outputHeight - first),
          packed: w.pointer, bias: bias.pointer, relu: false,
          output: y.pointer + (image * g.outputCount + first * g.outputWidth * g.filters),
          workspace: workspace.pointer + worker * perWorker)
      }
    }
  }
  report(name + " forward", flops, run(g, input, packed, output))

  if inputGradient {
    let reverse = g.inputGradientGeometry
    let flipped = zeros(convolution_packedCount(reverse))
    convolution_packFlipped(g, kernel: kernel.pointer, into: flipped.pointer, workspace: zeros(g.kernelCount).pointer)
    report(name + " input gradient", flops, run(reverse, output, flipped, input))
  }

  let step = convolution_linesPerGradientStep(g)
  let tiles = 16
  let partials = zeros(tiles * g.kernelCount)
  let biases = zeros(tiles * g.filters)
  let perWorker = convolution_kernelGradientWorkspaceCount(g, lines: step)
  let workspace = zeros(threads * perWorker + 1)
  let seconds = best {
    pool.forEachTile(tiles) { tile, worker in
      for image in (tile * batch / tiles)..<((tile + 1) * batch / tiles) {
        for first in stride(from: 0, to: g.outputHeight, by: step) {
          convolution_kernelGradient(
            g, input: input.pointer + image * g.inputCount,
            outputGradient: output.pointer + (image * g.outputCount + first * g.outputWidth * g.filters),
            firstLine: first, lines: min(step, g.outputHeight - first),
            addTo: partials.pointer + tile * g.kernelCount, biasGradient: biases.pointer + tile * g.filters,
            workspace: workspace.pointer + worker * perWorker)
        }
      }
    }
  }
  report(name + " kernel gradient", flops, seconds)
}

func measureGEMM(_ name: String, _ m: Int, _ n: Int, _ k: Int) {
  defer { alive = [] }
  let (a, b, c) = (random(m * k), random(k * n), random(m * n))
  let flops = 2 * Double(m) * Double(n) * Double(k)
  report(
    name + " OpenBLAS, 1 thread", flops,
    best {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a.pointer, blasint(k),
        b.pointer, blasint(n), 0, c.pointer, blasint(n))
    })
  let packed = zeros(gemm_packedCount(depth: k, columns: n))
  gemm_pack(b.pointer, rowStride: n, depth: k, columns: n, into: packed.pointer)
  report(
    name + " ours, packed before", flops,
    best {
      let rows = 240
      pool.forEachTile((m + rows - 1) / rows) { tile, _ in
        let first = tile * rows
        gemm_segmented(
          SegmentedMatrix(rows: a.pointer + first * k, rowCount: min(rows, m - first), depth: k, stride: k),
          packed: packed.pointer, columns: n, bias: nil, into: c.pointer + first * n, ldc: n, relu: false)
      }
    })
}

/// The whole layer, as a training step calls it. Flops count each of the three products alone.
func measureLinear(_ name: String, features: Int, units: Int, batch: Int) throws {
  defer { alive = [] }
  let layer = try Linear(options: Options(["units": .integer(units)], schema: Linear.schema))
  let request = OperationRequest(
    inputShapes: [[features]], maximumBatch: batch, isTraining: true, workerCount: threads)
  let operation = layer.makeOperation(request)
  var frame = Frame(batch: batch, pool: pool)
  frame.inputs = [UnsafePointer(random(batch * features).pointer)]
  frame.parameters = [random(features * units).pointer, random(units).pointer]
  frame.output = zeros(batch * units).pointer
  frame.saved = zeros(operation.savedCount).pointer
  frame.workspace = zeros(operation.workspaceCount).pointer
  frame.persistent = zeros(operation.persistentCount).pointer
  frame.outputGradient = random(batch * units + 1).pointer
  try operation.prepare(frame)
  let flops = 2 * Double(batch) * Double(features) * Double(units)
  report(name + " forward", flops, try best { try operation.forward(frame) })
  let inputGradient = zeros(batch * features).pointer
  let kernelGradient = zeros(features * units).pointer
  frame.inputGradients = [inputGradient]
  frame.parameterGradients = [nil, nil]
  report(name + " input gradient", flops, try best { try operation.backward(frame) })
  frame.inputGradients = [nil]
  frame.parameterGradients = [kernelGradient, nil]
  report(name + " kernel gradient", flops, try best { try operation.backward(frame) })
}

/// A whole ConvNeXt block at inference. Flops count the three convolutions.
func measureBlock(_ name: String, size: Int, channels: Int, expansion: Int, batch: Int) throws {
  defer { alive = [] }
  func convolution(_ filters: Int, _ options: [String: OptionValue] = [:]) throws -> Conv2D {
    let own: [String: OptionValue] = ["filters": .integer(filters), "kernel": .integer(1), "bias": .boolean(false)]
    return try Conv2D(options: Options(own.merging(options) { $1 }, schema: Conv2D.schema))
  }
  let window: [String: OptionValue] = [
    "kernel": .integer(5), "padding": .string("same"), "bias": .boolean(false),
  ]
  let hidden = channels * expansion
  let block = ConvNeXtBlock(
    depthwise: try DepthwiseConv2D(options: Options(window, schema: DepthwiseConv2D.schema)),
    norm: try LayerNorm(options: Options([:], schema: LayerNorm.schema)), expand: try convolution(hidden),
    activation: .gelu, smooth: try convolution(channels), scale: nil)
  let request = OperationRequest(
    inputShapes: [[size, size, channels]], maximumBatch: batch, isTraining: false, workerCount: threads)
  guard let operation = block?.inferenceOperation(request) else { return }
  let count = batch * size * size
  var frame = Frame(batch: batch, pool: pool)
  frame.inputs = [UnsafePointer(random(count * channels).pointer)]
  frame.parameters = [25 * channels, channels, channels, channels * hidden, hidden * channels + 1].map {
    random($0).pointer
  }
  frame.output = zeros(count * channels + 2).pointer
  frame.workspace = zeros(operation.workspaceCount).pointer
  frame.persistent = zeros(operation.persistentCount).pointer
  try operation.prepare(frame)
  let flops = 2 * Double(count) * Double(25 * channels + 2 * channels * hidden)
  report(name, flops, try best { try operation.forward(frame) })
}

/// What runs beside the matrix products; a multiply-add of the depthwise convolution counts as two.
func measureSmallKernels(size: Int, channels: Int) {
  defer { alive = [] }
  let g = ConvolutionGeometry(
    inputHeight: size, inputWidth: size, inputChannels: channels, filters: channels, kernel: (5, 5), groups: channels,
    same: true)
  let (x, y, kernel) = (random(g.inputCount), zeros(g.outputCount + 1), random(g.kernelCount))
  let workspace = zeros(convolution_workspaceCount(g, lines: size) + 2)
  let name = "\(size)x\(size)x\(channels)"
  report(
    name + " depthwise 5x5", 50 * Double(g.outputCount),
    best {
      depthwise_forward(
        g, input: x.pointer, firstLine: 0, lines: size, kernel: kernel.pointer, bias: nil, output: y.pointer,
        workspace: workspace.pointer)
    })
  report(
    name + " layer norm", 8 * Double(g.outputCount),
    best {
      layer_norm_forward(
        x.pointer, y.pointer, size * size, channels, gamma: kernel.pointer, beta: kernel.pointer, epsilon: 1e-5,
        statistics: nil)
    })
  report(
    name + " GELU", 38 * Double(g.outputCount),
    best { activation_forward(.gelu, x.pointer, y.pointer, g.outputCount) })
}

print("threads: \(threads), best of \(repetitions)")
measurePeak()
if CommandLine.arguments.contains("convnext") {
  for (size, channels) in [(24, 24), (12, 48), (6, 96), (3, 192)] {
    try measureBlock("N block \(size)x\(size)x\(channels)", size: size, channels: channels, expansion: 2, batch: 16)
  }
  for (size, channels) in [(24, 96), (12, 192), (6, 384), (3, 768)] {
    try measureBlock("T block \(size)x\(size)x\(channels)", size: size, channels: channels, expansion: 4, batch: 16)
  }
  for (size, channels) in [(24, 24), (12, 48), (6, 96), (24, 96), (6, 384)] {
    measureSmallKernels(size: size, channels: channels)
  }
  exit(0)
}
measureConvolution(
  "t1 conv1 5x5x3x16",
  ConvolutionGeometry(inputHeight: 256, inputWidth: 256, inputChannels: 3, filters: 16, kernel: (5, 5)), batch: 16,
  inputGradient: false)
measureConvolution(
  "t1 conv1, 1 picture",
  ConvolutionGeometry(inputHeight: 256, inputWidth: 256, inputChannels: 3, filters: 16, kernel: (5, 5)), batch: 1,
  inputGradient: false)
measureConvolution(
  "t1 conv2 5x5x16x32",
  ConvolutionGeometry(inputHeight: 126, inputWidth: 126, inputChannels: 16, filters: 32, kernel: (5, 5)), batch: 16,
  inputGradient: true)
measureConvolution(
  "t1 conv3 5x5x32x64",
  ConvolutionGeometry(inputHeight: 61, inputWidth: 61, inputChannels: 32, filters: 64, kernel: (5, 5)), batch: 32,
  inputGradient: true)
measureConvolution(
  "t1 conv4 3x3x64x48",
  ConvolutionGeometry(inputHeight: 28, inputWidth: 28, inputChannels: 64, filters: 48, kernel: (3, 3)), batch: 64,
  inputGradient: true)
try measureLinear("t1 linear 8112x500", features: 8112, units: 500, batch: 32)
try measureLinear("t2 linear 148840x500", features: 148_840, units: 500, batch: 32)
measureGEMM("600x384x96", 600, 384, 96)
measureGEMM("2400x512x512", 2400, 512, 512)
