import Layers
import Tensors
import TestSupport
import Testing

@Suite("Fused batch normalisation, ReLU and pooling")
struct FusedBatchNormTests {
  static let shapes: [Shape] = [[2, 2, 1], [3, 5, 7], [6, 7, 13], [5, 4, 16], [9, 9, 127], [61, 67, 24]]

  @Test("gives what the single layers give", arguments: shapes, [(true, false), (false, true), (true, true)])
  func fusedAgainstUnfused(shape: Shape, form: (relu: Bool, pool: Bool)) throws {
    // Without a tiny gamma, backward reads the pooled output; with one it cannot.
    try compare(shape, form, parameters(shape.channels, tiny: false))
    try compare(shape, form, parameters(shape.channels, tiny: true))
  }

  private func compare(_ shape: Shape, _ form: (relu: Bool, pool: Bool), _ parameters: [[Float]]) throws {
    let batch = 3
    let x = randomValues(batch * shape.count, seed: shape.count, -2, 2)
    let norm = try batchNorm()
    let chain: [any Layer] =
      [norm] + (form.relu ? [try LayerRegistry.layer(named: "relu")] : [])
      + (form.pool ? [try LayerRegistry.layer(named: "max_pool")] : [])
    let fused = try runner(shape, form, batch: batch, workers: 1)
    let dy = randomValues(batch * fused.signature.outputShape.count, seed: 4)

    // Forward through the chain, then backward.
    var shapes = [shape]
    var activations = [x]
    var runners: [OperationRunner] = []
    var newParameters: [[Float]] = []
    for layer in chain {
      let runner = try OperationRunner(layer, inputShapes: [shapes.last ?? []], maximumBatch: batch)
      let result = runner.run(inputs: [activations.last ?? []], parameters: runners.isEmpty ? parameters : [])
      if runners.isEmpty { newParameters = result.parameters }
      runners.append(runner)
      shapes.append(runner.signature.outputShape)
      activations.append(result.output)
    }
    var gradient = dy
    var parameterGradients: [[Float]] = []
    for (index, runner) in runners.enumerated().reversed() {
      let result = runner.run(
        inputs: [activations[index]], parameters: index == 0 ? parameters : [], outputGradient: gradient)
      gradient = result.inputGradients[0]
      parameterGradients = result.parameterGradients
    }

    let found = fused.run(inputs: [x], parameters: parameters, outputGradient: dy)
    expectClose(found.output, activations.last ?? [], tolerance: 1e-6, "output")
    expectClose(found.inputGradients[0], gradient, tolerance: 1e-5, "input gradient")
    expectClose(found.parameterGradients[0], parameterGradients[0], tolerance: 3e-5, "gamma gradient")
    expectClose(found.parameterGradients[1], parameterGradients[1], tolerance: 3e-5, "beta gradient")
    expectSameBits(found.parameters[2], newParameters[2], "running mean")
    expectSameBits(found.parameters[3], newParameters[3], "running variance")
  }

  @Test("ties go to the first in row-major order")
  func ties() throws {
    let shape: Shape = [2, 4, 1]
    let fused = try runner(shape, (true, true), batch: 1, workers: 1)
    // Two windows: [5 5 / 1 5] and [0 3 / 3 0].
    let x: [Float] = [5, 5, 0, 3, 1, 5, 3, 0]
    let dy: [Float] = [1, 10]
    let found = fused.run(inputs: [x], parameters: [[1], [4], [0], [1]], outputGradient: dy).inputGradients[0]
    let norm = try OperationRunner(batchNorm(), inputShapes: [shape], maximumBatch: 1)
    let routed = norm.run(
      inputs: [x], parameters: [[1], [4], [0], [1]], outputGradient: [1, 0, 0, 10, 0, 0, 0, 0])
    expectClose(found, routed.inputGradients[0], tolerance: 1e-6)
  }

  @Test("gradients agree with finite differences", arguments: [(5, 5, 3), (4, 6, 9)])
  func gradients(height: Int, width: Int, channels: Int) throws {
    let shape: Shape = [height, width, channels]
    let fused = try runner(shape, (true, true), batch: 2, workers: 1)
    // Far apart values, so that no step changes a winner; a shift off the kink of the ReLU.
    let count = 2 * shape.count
    let x = (0..<count).map { Float(($0 * 37) % count) * 4 / Float(count) - 2 }
    checkGradients(
      fused, inputs: [x],
      parameters: [
        [Float](repeating: 1.5, count: channels), [Float](repeating: 3.5, count: channels),
        [Float](repeating: 0, count: channels), [Float](repeating: 1, count: channels),
      ], step: 4e-3, tolerance: 5e-3)
  }

  @Test("2 workers, and writing over the input, give the same bits", arguments: shapes)
  func sameBits(shape: Shape) throws {
    for form in [(false, false), (true, false), (true, true)] {
      let one = try runner(shape, form, batch: 4, workers: 1)
      let two = try runner(shape, form, batch: 4, workers: 2)
      let x = randomValues(3 * shape.count, seed: 1)
      let dy = randomValues(3 * one.signature.outputShape.count, seed: 2)
      let parameters = parameters(shape.channels, tiny: shape.channels == 7)
      let expected = one.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3)
      #expect(two.operation.canOverwriteInputWithInputGradient)
      for aliasing in [OperationRunner.Aliasing.none, .inputGradientOverInput, .backward] {
        if aliasing == .backward, !two.operation.canRunBackwardInPlace { continue }
        let found = two.run(inputs: [x], parameters: parameters, outputGradient: dy, batch: 3, aliasing: aliasing)
        expectSameBits(found.output, expected.output)
        expectSameBits(found.inputGradients[0], expected.inputGradients[0])
        expectSameBits(found.parameterGradients[0], expected.parameterGradients[0])
        expectSameBits(found.parameterGradients[1], expected.parameterGradients[1])
        expectSameBits(found.parameters[3], expected.parameters[3])
      }
    }
  }

  @Test("what cannot be fused is refused")
  func refused() throws {
    let norm = try batchNorm()
    let training = OperationRequest(inputShapes: [[8, 8, 4]], maximumBatch: 1, isTraining: true)
    let overlapping = try #require(
      LayerRegistry.layer(named: "max_pool", options: ["window": .integer(3), "stride": .integer(2)]) as? MaxPool)
    #expect(norm.fusedTrainingOperation(training, activation: .relu, pool: nil) != nil)
    #expect(norm.fusedTrainingOperation(training, activation: .gelu, pool: nil) == nil)
    #expect(norm.fusedTrainingOperation(training, activation: .relu, pool: overlapping) == nil)
    let inference = OperationRequest(inputShapes: [[8, 8, 4]], maximumBatch: 1, isTraining: false)
    #expect(norm.fusedTrainingOperation(inference, activation: .relu, pool: nil) == nil)
  }

  private func batchNorm() throws -> BatchNorm {
    try #require(LayerRegistry.layer(named: "batch_norm") as? BatchNorm)
  }

  /// Gammas of both signs; if wanted one that is zero.
  private func parameters(_ channels: Int, tiny: Bool) -> [[Float]] {
    var gamma = randomValues(channels, seed: 11, 0.5, 2).enumerated().map { $0 % 3 == 1 ? -$1 : $1 }
    if tiny { gamma[channels / 2] = 0 }
    return [
      gamma, randomValues(channels, seed: 12), randomValues(channels, seed: 13),
      randomValues(channels, seed: 14, 0.5, 1.5),
    ]
  }

  private func runner(
    _ shape: Shape, _ form: (relu: Bool, pool: Bool), batch: Int, workers: Int
  ) throws -> OperationRunner {
    let pool = try #require(LayerRegistry.layer(named: "max_pool") as? MaxPool)
    let request = OperationRequest(
      inputShapes: [shape], maximumBatch: batch, isTraining: true, workerCount: workers)
    let norm = try batchNorm()
    let operation = try #require(
      norm.fusedTrainingOperation(request, activation: form.relu ? .relu : nil, pool: form.pool ? pool : nil))
    let own = try norm.signature(for: [shape])
    let output = form.pool ? try pool.signature(for: [shape]).outputShape : shape
    return OperationRunner(
      operation, signature: LayerSignature(outputShape: output, parameters: own.parameters), request: request)
  }
}
