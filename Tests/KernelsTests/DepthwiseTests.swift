import Kernels
import TestSupport
import Testing

@Suite("depthwise convolution kernels")
struct DepthwiseTests {
  static func geometry(
    _ height: Int, _ width: Int, _ channels: Int, kernel: (Int, Int), stride: (Int, Int) = (1, 1), same: Bool = true
  ) -> ConvolutionGeometry {
    ConvolutionGeometry(
      inputHeight: height, inputWidth: width, inputChannels: channels, filters: channels, kernel: kernel,
      stride: stride, groups: channels, same: same)
  }

  static let cases: [ConvolutionGeometry] = [
    geometry(1, 1, 1, kernel: (1, 1)), geometry(3, 3, 3, kernel: (5, 5)), geometry(7, 13, 7, kernel: (3, 3)),
    geometry(13, 7, 8, kernel: (7, 7)), geometry(6, 9, 13, kernel: (5, 5)), geometry(4, 5, 16, kernel: (3, 5)),
    geometry(24, 24, 24, kernel: (5, 5)), geometry(12, 11, 40, kernel: (7, 7), same: false),
    geometry(9, 8, 48, kernel: (3, 3), stride: (2, 2)), geometry(2, 3, 127, kernel: (5, 5)),
    geometry(10, 9, 17, kernel: (2, 4), stride: (2, 3)), geometry(11, 10, 24, kernel: (4, 6)),
    geometry(12, 7, 33, kernel: (3, 3), stride: (3, 1), same: false),
    // Lines long enough for the microkernels that slide along them.
    geometry(5, 6, 17, kernel: (3, 3)), geometry(8, 12, 33, kernel: (7, 7)), geometry(6, 19, 48, kernel: (5, 5)),
    geometry(13, 18, 32, kernel: (5, 7), stride: (2, 1)), geometry(9, 30, 70, kernel: (1, 3), same: false),
  ]

  @Test("forward equals its definition, in one piece and in rows", arguments: cases)
  func forward(g: ConvolutionGeometry) {
    let x = randomValues(g.inputCount, seed: 1)
    let w = randomValues(g.kernelCount, seed: 2)
    let bias = randomValues(g.filters, seed: 3)
    let expected = ConvolutionTwin.forward(g, x, w, bias: bias)
    for lines in [1, 2, g.outputHeight] {
      var y = [Float](repeating: .nan, count: g.outputCount + 8)
      var workspace = [Float](repeating: .nan, count: convolution_workspaceCount(g, lines: lines) + 1)
      for first in stride(from: 0, to: g.outputHeight, by: lines) {
        y.withUnsafeMutableBufferPointer { y in
          depthwise_forward(
            g, input: x, firstLine: first, lines: min(lines, g.outputHeight - first), kernel: w, bias: bias,
            output: y.baseAddress! + first * g.outputWidth * g.filters, workspace: &workspace)
        }
      }
      expectClose(Array(y.prefix(g.outputCount)), expected)
      #expect(y.suffix(8).allSatisfy { $0.isNaN })
    }
  }

  @Test("the input gradient equals its definition", arguments: cases)
  func inputGradient(g: ConvolutionGeometry) {
    let w = randomValues(g.kernelCount, seed: 2)
    let dy = randomValues(g.outputCount, seed: 4)
    let expected = ConvolutionTwin.inputGradient(g, w, dy)
    var dx = [Float](repeating: .nan, count: g.inputCount)
    depthwise_inputGradient(g, outputGradient: dy, kernel: w, inputGradient: &dx)
    expectClose(dx, expected, "one by one")
    if g.strideHeight > 1 || g.strideWidth > 1 { return }
    let reverse = g.inputGradientGeometry
    var flipped = [Float](repeating: .nan, count: g.kernelCount)
    depthwise_flip(g, kernel: w, into: &flipped)
    dx = [Float](repeating: .nan, count: g.inputCount)
    var workspace = [Float](
      repeating: .nan, count: convolution_workspaceCount(reverse, lines: reverse.outputHeight) + 1)
    depthwise_forward(
      reverse, input: dy, firstLine: 0, lines: reverse.outputHeight, kernel: flipped, bias: nil, output: &dx,
      workspace: &workspace)
    expectClose(dx, expected, "by a convolution")
  }

  @Test("the kernel gradient equals its definition, in steps of any size", arguments: cases)
  func kernelGradient(g: ConvolutionGeometry) {
    let x = randomValues(g.inputCount, seed: 1)
    let dy = randomValues(g.outputCount, seed: 4)
    let expected = ConvolutionTwin.kernelGradient(g, x, dy)
    for step in [1, 2, g.outputHeight] {
      var dw = [Float](repeating: 0, count: g.kernelCount + 8)
      var db = [Float](repeating: 0, count: g.filters)
      var workspace = [Float](repeating: .nan, count: convolution_workspaceCount(g, lines: step) + 1)
      dy.withUnsafeBufferPointer { dy in
        for first in stride(from: 0, to: g.outputHeight, by: step) {
          depthwise_kernelGradient(
            g, input: x, outputGradient: dy.baseAddress! + first * g.outputWidth * g.filters, firstLine: first,
            lines: min(step, g.outputHeight - first), addTo: &dw, biasGradient: &db, workspace: &workspace)
        }
      }
      expectClose(Array(dw.prefix(g.kernelCount)), expected)
      #expect(dw.suffix(8).allSatisfy { $0 == 0 })
      var sums = [Float](repeating: 0, count: g.filters)
      for (i, value) in dy.enumerated() { sums[i % g.filters] += value }
      expectClose(db, sums)
    }
  }
}
