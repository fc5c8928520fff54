import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("conv2d with a window of one pixel")
struct PointwiseTests {
  /// `y = x w + b`, and for the gradient `dy` of `y` those of the input, the kernel and the bias, in float64.
  private func twin(
    _ x: [Float], _ w: [Float], _ b: [Float], _ dy: [Float], _ channels: Int, _ filters: Int
  ) -> (y: [Float], dx: [Float], dw: [Float], db: [Float]) {
    let pixels = x.count / channels
    var y = [Double](repeating: 0, count: pixels * filters)
    var dx = [Double](repeating: 0, count: x.count)
    var dw = [Double](repeating: 0, count: w.count)
    var db = [Double](repeating: 0, count: filters)
    for p in 0..<pixels {
      for f in 0..<filters {
        let gradient = Double(dy[p * filters + f])
        var sum = Double(b[f])
        for c in 0..<channels {
          sum += Double(x[p * channels + c]) * Double(w[c * filters + f])
          dx[p * channels + c] += gradient * Double(w[c * filters + f])
          dw[c * filters + f] += gradient * Double(x[p * channels + c])
        }
        y[p * filters + f] = sum
        db[f] += gradient
      }
    }
    return (y.map { Float($0) }, dx.map { Float($0) }, dw.map { Float($0) }, db.map { Float($0) })
  }

  // The last two kernels are large, so that their gradient is computed in blocks.
  static let sizes = [[1, 1], [3, 7], [24, 48], [13, 127], [96, 40], [260, 300], [400, 170]]

  @Test("equals its definition, forward and backward, for any number of workers", arguments: sizes, [true, false])
  func definition(size: [Int], bias: Bool) throws {
    let (channels, filters, batch) = (size[0], size[1], 3)
    let shape: Shape = [9, 11, channels]
    let layer = try Conv2DTests.layer([
      "filters": .integer(filters), "kernel": .integer(1), "bias": .boolean(bias), "padding": .string("same"),
    ])
    let x = randomValues(batch * shape.count, seed: 1)
    let w = randomValues(channels * filters, seed: 2, -0.3, 0.3)
    let b = bias ? randomValues(filters, seed: 3) : [Float](repeating: 0, count: filters)
    let dy = randomValues(batch * 99 * filters, seed: 4)
    let expected = twin(x, w, b, dy, channels, filters)
    var first: OperationRunner.Result?
    for workers in [1, 2, 3] {
      let runner = try OperationRunner(layer, inputShapes: [shape], maximumBatch: batch, workerCount: workers)
      let found = runner.run(inputs: [x], parameters: bias ? [w, b] : [w], outputGradient: dy)
      expectClose(found.output, expected.y, "output")
      expectClose(found.inputGradients[0], expected.dx, tolerance: 2e-5, "input gradient")
      expectClose(found.parameterGradients[0], expected.dw, tolerance: 2e-5, "kernel gradient")
      if bias { expectClose(found.parameterGradients[1], expected.db, tolerance: 2e-5, "bias gradient") }
      if let first {
        expectSameBits(found.output, first.output)
        expectSameBits(found.inputGradients[0], first.inputGradients[0])
        for (a, b) in zip(found.parameterGradients, first.parameterGradients) { expectSameBits(a, b) }
      }
      first = found
    }
  }

  @Test("a smaller batch, a frozen kernel and a frozen bias", arguments: [[24, 48], [260, 300]])
  func parts(size: [Int]) throws {
    let (channels, filters) = (size[0], size[1])
    let layer = try Conv2DTests.layer([
      "filters": .integer(filters), "kernel": .integer(1), "activation": .string("gelu"),
    ])
    let runner = try OperationRunner(layer, inputShapes: [[5, 5, channels]], maximumBatch: 4)
    let single = try OperationRunner(layer, inputShapes: [[5, 5, channels]], maximumBatch: 1)
    let parameters = runner.initialParameters()
    let x = randomValues(100 * channels, seed: 5)
    let dy = randomValues(100 * filters, seed: 6)
    let inputs = [Array(x.prefix(25 * channels))]
    let gradient = Array(dy.prefix(25 * filters))
    let one = single.run(inputs: inputs, parameters: parameters, outputGradient: gradient)
    let part = runner.run(inputs: inputs, parameters: parameters, outputGradient: gradient, batch: 1)
    expectSameBits(part.output, one.output)
    expectSameBits(part.inputGradients[0], one.inputGradients[0])
    expectSameBits(part.parameterGradients[0], one.parameterGradients[0])
    let all = runner.run(inputs: [x], parameters: parameters, outputGradient: dy)
    for frozen in [Set([0]), [1], [0, 1]] {
      let some = runner.run(inputs: [x], parameters: parameters, outputGradient: dy, frozen: frozen)
      expectSameBits(some.inputGradients[0], all.inputGradients[0])
      for index in 0..<2 where !frozen.contains(index) {
        expectSameBits(some.parameterGradients[index], all.parameterGradients[index])
      }
    }
  }
}
