import Layers
import Tensors
import TestSupport
import Testing

@Suite("Batch normalisation")
struct BatchNormTests {
  @Test("four numbers by hand")
  func literal() throws {
    let layer = try LayerRegistry.layer(
      named: "batch_norm", options: ["epsilon": .number(0), "momentum": .number(0.9)])
    let runner = try OperationRunner(layer, inputShapes: [[1]], maximumBatch: 4)
    // Mean 3, variance 5.
    let result = runner.run(inputs: [[0, 2, 4, 6]], parameters: [[2], [1], [10], [1]])
    let sd = Float(5).squareRoot()
    expectClose(result.output, [1 - 6 / sd, 1 - 2 / sd, 1 + 2 / sd, 1 + 6 / sd], tolerance: 1e-6)
    expectClose(result.parameters[2], [9.3], tolerance: 1e-6, "running mean")
    expectClose(result.parameters[3], [1.4], tolerance: 1e-6, "running variance, of the biased one")
  }

  @Test("the golden training case", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func goldenTraining() throws {
    let golden = try Golden.load("layers/batch_norm_training")
    let runner = try OperationRunner(
      LayerRegistry.layer(named: "batch_norm"), inputShapes: [[5, 4, 9]], maximumBatch: 3)
    let result = runner.run(
      inputs: [golden.values("input")], parameters: parameters(golden),
      outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"))
    expectClose(result.inputGradients[0], golden.values("input_gradient"))
    expectClose(result.parameterGradients[0], golden.values("gamma_gradient"))
    expectClose(result.parameterGradients[1], golden.values("beta_gradient"))
    expectClose(result.parameters[2], golden.values("new_running_mean"), tolerance: 1e-6)
    expectClose(result.parameters[3], golden.values("new_running_variance"), tolerance: 1e-6)
  }

  @Test(
    "the golden inference case, and its gradients for frozen layers",
    .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func goldenInference() throws {
    let golden = try Golden.load("layers/batch_norm_inference")
    let runner = try OperationRunner(
      LayerRegistry.layer(named: "batch_norm"), inputShapes: [[5, 4, 9]], maximumBatch: 3, isTraining: false)
    let result = runner.run(
      inputs: [golden.values("input")], parameters: parameters(golden),
      outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"))
    expectClose(result.inputGradients[0], golden.values("input_gradient"))
    expectClose(result.parameterGradients[0], golden.values("gamma_gradient"))
    expectClose(result.parameterGradients[1], golden.values("beta_gradient"))
    expectSameBits(result.parameters[2], golden.values("running_mean"))
    let inPlace = runner.run(inputs: [golden.values("input")], parameters: parameters(golden), aliasing: .forward)
    expectSameBits(inPlace.output, result.output)
  }

  @Test("gradients agree with finite differences", arguments: [1, 7, 8, 13])
  func gradients(channels: Int) throws {
    let layer = try LayerRegistry.layer(named: "batch_norm")
    try checkGradients(
      layer: layer, inputShapes: [[3, 2, channels]], inputs: [randomValues(2 * 6 * channels, seed: 3, -2, 4)],
      parameters: [
        randomValues(channels, seed: 4, 0.5, 2), randomValues(channels, seed: 5),
        randomValues(channels, seed: 6), randomValues(channels, seed: 7, 0.5, 2),
      ], batch: 2)
  }

  @Test("a vector is normalised over the batch")
  func vector() throws {
    let runner = try OperationRunner(LayerRegistry.layer(named: "batch_norm"), inputShapes: [[2]], maximumBatch: 2)
    let output = runner.run(inputs: [[-1, 10, 1, 30]], parameters: runner.initialParameters()).output
    expectClose(output, [-0.9995, -0.999995, 0.9995, 0.999995], tolerance: 1e-5)
  }

  @Test("a mean far from zero costs no precision, nor does an outlier in front")
  func largeMean() throws {
    let layer = try LayerRegistry.layer(named: "batch_norm", options: ["epsilon": .number(0), "momentum": .number(0)])
    let count = 60_000
    let runner = try OperationRunner(layer, inputShapes: [[count, 1, 1]], maximumBatch: 1)
    var x = randomValues(count, seed: 8).map { 4096 + $0 }
    x[0] = 4000
    let result = runner.run(inputs: [x], parameters: runner.initialParameters())
    let mean = x.reduce(0.0) { $0 + Double($1) } / Double(count)
    let variance = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
    #expect(abs(Double(result.parameters[2][0]) - mean) < 5e-4)
    #expect(abs(Double(result.parameters[3][0]) / variance - 1) < 1e-5)
  }

  @Test("a constant channel gives beta, not a number too large")
  func constantChannel() throws {
    let runner = try OperationRunner(
      LayerRegistry.layer(named: "batch_norm"), inputShapes: [[9, 9, 3]], maximumBatch: 2)
    let x = [Float](repeating: 0.1, count: 2 * 81 * 3)
    let result = runner.run(
      inputs: [x], parameters: [[1, 1, 1], [3, 4, 5], [0, 0, 0], [1, 1, 1]],
      outputGradient: randomValues(x.count, seed: 9))
    expectClose(Array(result.output.prefix(3)), [3, 4, 5], tolerance: 1e-4)
    #expect(result.inputGradients[0].allSatisfy { $0.isFinite })
  }

  @Test("frozen gamma and beta get no gradient, the input still does")
  func frozen() throws {
    let runner = try OperationRunner(
      LayerRegistry.layer(named: "batch_norm"), inputShapes: [[4, 4, 5]], maximumBatch: 2)
    let x = randomValues(160, seed: 1)
    let dy = randomValues(160, seed: 2)
    let all = runner.run(inputs: [x], parameters: runner.initialParameters(), outputGradient: dy)
    let some = runner.run(inputs: [x], parameters: runner.initialParameters(), outputGradient: dy, frozen: [0, 1])
    #expect(some.parameterGradients == [[], [], [], []])
    expectSameBits(some.inputGradients[0], all.inputGradients[0])
  }

  private func parameters(_ golden: Golden) -> [[Float]] {
    ["gamma", "beta", "running_mean", "running_variance"].map { golden.values($0) }
  }
}
