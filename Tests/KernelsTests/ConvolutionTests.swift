import Kernels
import TestSupport
import Testing

@Suite("convolution kernels")
struct ConvolutionTests {
  static let cases: [ConvolutionGeometry] = [
    ConvolutionGeometry(inputHeight: 1, inputWidth: 1, inputChannels: 1, filters: 1, kernel: (1, 1)),
    ConvolutionGeometry(inputHeight: 7, inputWidth: 13, inputChannels: 3, filters: 16, kernel: (5, 5)),
    ConvolutionGeometry(inputHeight: 13, inputWidth: 7, inputChannels: 7, filters: 13, kernel: (3, 2)),
    ConvolutionGeometry(inputHeight: 5, inputWidth: 9, inputChannels: 127, filters: 7, kernel: (3, 3)),
    ConvolutionGeometry(inputHeight: 3, inputWidth: 127, inputChannels: 2, filters: 40, kernel: (3, 3), same: true),
    ConvolutionGeometry(inputHeight: 9, inputWidth: 8, inputChannels: 16, filters: 48, kernel: (5, 5), same: true),
    ConvolutionGeometry(inputHeight: 6, inputWidth: 6, inputChannels: 900, filters: 24, kernel: (1, 1)),
    ConvolutionGeometry(
      inputHeight: 13, inputWidth: 11, inputChannels: 5, filters: 10, kernel: (3, 3), stride: (2, 3), same: true),
    ConvolutionGeometry(
      inputHeight: 17, inputWidth: 14, inputChannels: 6, filters: 34, kernel: (4, 4), stride: (4, 4)),
    ConvolutionGeometry(
      inputHeight: 15, inputWidth: 13, inputChannels: 4, filters: 9, kernel: (3, 3), dilation: (2, 3)),
    ConvolutionGeometry(
      inputHeight: 9, inputWidth: 10, inputChannels: 12, filters: 6, kernel: (3, 3), dilation: (2, 2), groups: 3,
      same: true),
    ConvolutionGeometry(
      inputHeight: 9, inputWidth: 10, inputChannels: 8, filters: 8, kernel: (3, 3), stride: (2, 1), groups: 8,
      same: true),
    ConvolutionGeometry(
      inputHeight: 4, inputWidth: 4, inputChannels: 500, filters: 18, kernel: (2, 2), dilation: (2, 2)),
  ]

  @Test("forward equals its definition, in one piece and in rows", arguments: cases)
  func forward(g: ConvolutionGeometry) {
    let x = randomValues(g.inputCount, seed: 1)
    let w = randomValues(g.kernelCount, seed: 2, -0.2, 0.2)
    let bias = randomValues(g.filters + 32, seed: 3)
    var packed = [Float](repeating: .nan, count: convolution_packedCount(g))
    convolution_pack(g, kernel: w, into: &packed)
    var expected = ConvolutionTwin.forward(g, x, w, bias: bias)
    for relu in [false, true] {
      if relu { expected = expected.map { max(0, $0) } }
      for lines in Set([g.outputHeight, 1, convolution_linesPerTile(g)]) {
        var y = [Float](repeating: .nan, count: g.outputCount)
        var workspace = [Float](repeating: .nan, count: convolution_workspaceCount(g, lines: lines) + 1)
        for first in stride(from: 0, to: g.outputHeight, by: lines) {
          y.withUnsafeMutableBufferPointer { y in
            convolution_forward(
              g, input: x, firstLine: first, lines: min(lines, g.outputHeight - first), packed: packed, bias: bias,
              relu: relu, output: y.baseAddress! + first * g.outputWidth * g.filters, workspace: &workspace)
          }
        }
        expectClose(y, expected)
      }
    }
  }

  @Test("the input gradient equals its definition", arguments: cases)
  func inputGradient(g: ConvolutionGeometry) {
    let w = randomValues(g.kernelCount, seed: 2, -0.2, 0.2)
    let dy = randomValues(g.outputCount, seed: 4)
    let expected = ConvolutionTwin.inputGradient(g, w, dy)
    var dx = [Float](repeating: .nan, count: g.inputCount)
    var packed = [Float](repeating: .nan, count: convolution_packedTransposedCount(g))
    var workspace = [Float](repeating: .nan, count: convolution_inputGradientWorkspaceCount(g) + 1)
    convolution_packTransposed(g, kernel: w, into: &packed)
    convolution_inputGradient(g, outputGradient: dy, packed: packed, inputGradient: &dx, workspace: &workspace)
    expectClose(dx, expected, "by columns")
    if g.strideHeight > 1 || g.strideWidth > 1 { return }
    let reverse = g.inputGradientGeometry
    var scratch = [Float](repeating: .nan, count: g.kernelCount)
    packed = [Float](repeating: .nan, count: convolution_packedCount(reverse))
    convolution_packFlipped(g, kernel: w, into: &packed, workspace: &scratch)
    dx = [Float](repeating: .nan, count: g.inputCount)
    workspace = [Float](
      repeating: .nan, count: convolution_workspaceCount(reverse, lines: reverse.outputHeight) + 1)
    convolution_forward(
      reverse, input: dy, firstLine: 0, lines: reverse.outputHeight, packed: packed, bias: nil, relu: false,
      output: &dx, workspace: &workspace)
    expectClose(dx, expected, "by a convolution")
  }

  @Test("the kernel gradient equals its definition, in steps of any size", arguments: cases)
  func kernelGradient(g: ConvolutionGeometry) {
    let x = randomValues(g.inputCount, seed: 1)
    let dy = randomValues(g.outputCount, seed: 4)
    let expected = ConvolutionTwin.kernelGradient(g, x, dy)
    for step in Set([g.outputHeight, 1, 2, convolution_linesPerGradientStep(g)]) {
      var dw = [Float](repeating: 0, count: g.kernelCount)
      var db = [Float](repeating: 0, count: g.filters)
      var workspace = [Float](repeating: .nan, count: convolution_kernelGradientWorkspaceCount(g, lines: step) + 1)
      dy.withUnsafeBufferPointer { dy in
        for first in stride(from: 0, to: g.outputHeight, by: step) {
          convolution_kernelGradient(
            g, input: x, outputGradient: dy.baseAddress! + first * g.outputWidth * g.filters, firstLine: first,
            lines: min(step, g.outputHeight - first), addTo: &dw, biasGradient: &db, workspace: &workspace)
        }
      }
      expectClose(dw, expected)
      var sums = [Float](repeating: 0, count: g.filters)
      for (i, value) in dy.enumerated() { sums[i % g.filters] += value }
      expectClose(db, sums)
    }
  }

  @Test("same padding is TensorFlow's: what is odd stands at the end")
  func padding() {
    let g = ConvolutionGeometry(
      inputHeight: 6, inputWidth: 7, inputChannels: 1, filters: 1, kernel: (3, 4), stride: (2, 2), same: true)
    #expect(g.outputHeight == 3 && g.outputWidth == 4)
    #expect(g.padTop == 0 && g.padLeft == 1)
  }
}
