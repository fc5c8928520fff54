import Layers
import Tensors
import TestSupport
import Testing

@Suite("Softmax")
struct SoftmaxTests {
  @Test("two values by hand, and sums of 1 far from zero")
  func literal() throws {
    let runner = try OperationRunner(LayerRegistry.layer(named: "softmax"), inputShapes: [[2]], maximumBatch: 3)
    let output = runner.run(inputs: [[0, 1.0986123, 1e4, -1e4, -1e4, -1e4]]).output
    expectClose(output, [0.25, 0.75, 1, 0, 0.5, 0.5], tolerance: 1e-6)
  }

  @Test("the golden case", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/softmax")
    let runner = try OperationRunner(LayerRegistry.layer(named: "softmax"), inputShapes: [[17]], maximumBatch: 4)
    let result = runner.run(inputs: [golden.values("input")], outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"), tolerance: 1e-6)
    expectClose(result.inputGradients[0], golden.values("input_gradient"), tolerance: 1e-6)
  }

  @Test("gradients, in place and 2 workers", arguments: [1, 7, 13, 127])
  func sizes(columns: Int) throws {
    let layer = try LayerRegistry.layer(named: "softmax")
    let shape: Shape = [3, 2, columns]
    let x = randomValues(2 * shape.count, seed: columns, -3, 3)
    let dy = randomValues(2 * shape.count, seed: 2)
    try checkGradients(layer: layer, inputShapes: [shape], inputs: [x], batch: 2)
    let one = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 3)
    let two = try OperationRunner(layer, inputShapes: [shape], maximumBatch: 3, workerCount: 2)
    let expected = one.run(inputs: [x], outputGradient: dy, batch: 2)
    for row in 0..<12 {
      let sum = expected.output[row * columns..<(row + 1) * columns].reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
    expectSameBits(two.run(inputs: [x], batch: 2, aliasing: .forward).output, expected.output)
    for aliasing in [OperationRunner.Aliasing.none, .backward, .forward] {
      let found = two.run(inputs: [x], outputGradient: dy, batch: 2, aliasing: aliasing)
      expectSameBits(found.inputGradients[0], expected.inputGradients[0])
    }
  }
}
