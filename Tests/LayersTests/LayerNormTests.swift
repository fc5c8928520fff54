import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("layer_norm")
struct LayerNormTests {
  static func layer(_ options: [String: OptionValue] = [:]) throws -> LayerNorm {
    try LayerNorm(options: Options(options, schema: LayerNorm.schema))
  }

  @Test("four numbers by hand")
  func literal() throws {
    let runner = try OperationRunner(Self.layer(["epsilon": .number(0)]), inputShapes: [[4]], maximumBatch: 1)
    // Mean 3, variance 5.
    let result = runner.run(
      inputs: [[0, 2, 4, 6]], parameters: [[1, 1, 1, 2], [0, 0, 10, 0]], outputGradient: [0, 0, 1, 0])
    let sd = Float(5).squareRoot()
    expectClose(result.output, [-3 / sd, -1 / sd, 1 / sd + 10, 6 / sd], tolerance: 1e-6)
    expectClose(result.parameterGradients[0], [0, 0, 1 / sd, 0], tolerance: 1e-6)
    #expect(result.parameterGradients[1] == [0, 0, 1, 0])
    // (g - mean(g) - n mean(g n)) / sd with g = (0, 0, 1, 0), n = (-3, -1, 1, 3) / sd
    expectClose(
      result.inputGradients[0], [-0.1 / sd, -0.2 / sd, 0.7 / sd, -0.4 / sd], tolerance: 1e-6)
  }

  @Test("the golden case of PyTorch", .enabled(if: Golden.isAvailable, "\(Golden.absent)"), arguments: [1, 2])
  func golden(workers: Int) throws {
    let golden = try Golden.load("layers/layer_norm")
    let runner = try OperationRunner(
      Self.layer(["epsilon": .number(1e-5)]), inputShapes: [[4, 5, 24]], maximumBatch: 2, workerCount: workers)
    let result = runner.run(
      inputs: [golden.values("input")], parameters: [golden.values("gamma"), golden.values("beta")],
      outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"))
    expectClose(result.inputGradients[0], golden.values("input_gradient"))
    expectClose(result.parameterGradients[0], golden.values("gamma_gradient"))
    expectClose(result.parameterGradients[1], golden.values("beta_gradient"))
  }

  @Test("gradients agree with finite differences", arguments: [3, 7, 13, 127])
  func gradients(channels: Int) throws {
    // An epsilon of some size keeps positions of few channels, which may be nearly equal, from bending too much.
    try checkGradients(
      layer: Self.layer(["epsilon": .number(0.5)]), inputShapes: [[3, 2, channels]],
      inputs: [randomValues(2 * 6 * channels, seed: 3, -2, 4)],
      parameters: [randomValues(channels, seed: 4, 0.5, 2), randomValues(channels, seed: 5)], batch: 2)
  }

  @Test("one channel is its beta, and has no gradient")
  func oneChannel() throws {
    let runner = try OperationRunner(Self.layer(), inputShapes: [[2, 2, 1]], maximumBatch: 1)
    let result = runner.run(inputs: [[1, 2, 3, 4]], parameters: [[2], [0.5]], outputGradient: [1, 2, 3, 4])
    #expect(result.output == [0.5, 0.5, 0.5, 0.5])
    #expect(result.inputGradients == [[0, 0, 0, 0]])
    #expect(result.parameterGradients == [[0], [10]])
  }

  @Test("gamma and beta can be left out", arguments: [(true, false), (false, true), (false, false)])
  func parts(center: Bool, scale: Bool) throws {
    let layer = try Self.layer(["center": .boolean(center), "scale": .boolean(scale)])
    let full = try OperationRunner(Self.layer(), inputShapes: [[9]], maximumBatch: 3)
    let part = try OperationRunner(layer, inputShapes: [[9]], maximumBatch: 3)
    #expect(part.signature.parameters.map(\.name) == (scale ? ["gamma"] : []) + (center ? ["beta"] : []))
    let input = [randomValues(27, seed: 6)]
    let gradient = randomValues(27, seed: 7)
    let gamma = scale ? randomValues(9, seed: 8) : [Float](repeating: 1, count: 9)
    let beta = center ? randomValues(9, seed: 9) : [Float](repeating: 0, count: 9)
    let a = full.run(inputs: input, parameters: [gamma, beta], outputGradient: gradient)
    let b = part.run(
      inputs: input, parameters: (scale ? [gamma] : []) + (center ? [beta] : []), outputGradient: gradient)
    expectSameBits(a.output, b.output)
    expectSameBits(a.inputGradients[0], b.inputGradients[0])
    let wanted = (scale ? [a.parameterGradients[0]] : []) + (center ? [a.parameterGradients[1]] : [])
    #expect(b.parameterGradients == wanted)
  }

  @Test(
    "any number of workers and memory shared between arrays give the same bits", arguments: [3, 24, 200])
  func sameBits(channels: Int) throws {
    let count = 4 * 40 * 41 * channels
    let inputs = [randomValues(count, seed: 10)]
    let gradient = randomValues(count, seed: 11)
    let parameters = [randomValues(channels, seed: 12, 0.5, 2), randomValues(channels, seed: 13)]
    func run(_ workers: Int, _ aliasing: OperationRunner.Aliasing = .none) throws -> OperationRunner.Result {
      let runner = try OperationRunner(
        Self.layer(), inputShapes: [[40, 41, channels]], maximumBatch: 4, workerCount: workers)
      return runner.run(inputs: inputs, parameters: parameters, outputGradient: gradient, aliasing: aliasing)
    }
    let one = try run(1)
    for other in try [run(2), run(2, .backward), run(2, .inputGradientOverInput)] {
      expectSameBits(other.output, one.output)
      expectSameBits(other.inputGradients[0], one.inputGradients[0])
      expectSameBits(other.parameterGradients[0], one.parameterGradients[0])
      expectSameBits(other.parameterGradients[1], one.parameterGradients[1])
    }
    let runner = try OperationRunner(Self.layer(), inputShapes: [[40, 41, channels]], maximumBatch: 4)
    expectSameBits(runner.run(inputs: inputs, parameters: parameters, aliasing: .forward).output, one.output)
  }

  @Test("not-a-number stays in its position")
  func notANumber() throws {
    let runner = try OperationRunner(Self.layer(), inputShapes: [[2, 1, 24]], maximumBatch: 1)
    var input = randomValues(48, seed: 14)
    input[30] = .nan
    let output = runner.run(inputs: [input], parameters: runner.initialParameters()).output
    #expect(output[..<24].allSatisfy { $0.isFinite } && output[24...].allSatisfy { $0.isNaN })
  }

  @Test("a frozen gamma or beta gets no gradient, and the others do")
  func frozen() throws {
    let runner = try OperationRunner(Self.layer(), inputShapes: [[5]], maximumBatch: 2)
    let input = [randomValues(10, seed: 15)]
    let gradient = randomValues(10, seed: 16)
    let parameters = runner.initialParameters()
    let all = runner.run(inputs: input, parameters: parameters, outputGradient: gradient)
    for frozen in [Set([0]), [1], [0, 1]] {
      let some = runner.run(inputs: input, parameters: parameters, outputGradient: gradient, frozen: frozen)
      expectSameBits(some.inputGradients[0], all.inputGradients[0])
      for index in 0..<2 where !frozen.contains(index) {
        expectSameBits(some.parameterGradients[index], all.parameterGradients[index])
      }
    }
  }

  @Test("a scalar or no input is refused")
  func refusals() throws {
    #expect(throws: LayerError.inputRank(expected: "a picture or a vector", found: [])) {
      try Self.layer().signature(for: [[]])
    }
    #expect(throws: LayerError.inputCount(expected: "one input", found: 0)) { try Self.layer().signature(for: []) }
  }
}
