import Layers
import Schemas
import Tensors
import TestSupport
import Testing

@Suite("linear")
struct LinearTests {
  static func layer(_ units: Int, _ more: [String: OptionValue] = [:]) throws -> Linear {
    try Linear(options: Options(more.merging(["units": .integer(units)]) { $1 }, schema: Linear.schema))
  }

  @Test("two features and three units, by hand")
  func literal() throws {
    let runner = try OperationRunner(Self.layer(3), inputShapes: [[2]], maximumBatch: 2)
    let result = runner.run(
      inputs: [[1, 2, 3, 4]], parameters: [[1, 0, 2, 0, 1, -1], [10, 20, 30]], outputGradient: [1, 0, 0, 0, 2, 1])
    #expect(result.output == [11, 22, 30, 13, 24, 32])
    #expect(result.inputGradients == [[1, 0, 2, 1]])
    #expect(result.parameterGradients == [[1, 6, 3, 2, 8, 4], [1, 2, 1]])
  }

  @Test("the golden case of PyTorch", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("layers/linear")
    let shape = golden.shape("input")
    let runner = try OperationRunner(
      Self.layer(golden.shape("kernel")[1]), inputShapes: [[shape[1]]], maximumBatch: shape[0], workerCount: 2)
    let result = runner.run(
      inputs: [golden.values("input")], parameters: [golden.values("kernel"), golden.values("bias")],
      outputGradient: golden.values("output_gradient"))
    expectClose(result.output, golden.values("output"))
    expectClose(result.inputGradients[0], golden.values("input_gradient"))
    expectClose(result.parameterGradients[0], golden.values("kernel_gradient"))
    expectClose(result.parameterGradients[1], golden.values("bias_gradient"))
  }

  @Test("gradients are the differences of the output", arguments: ["gelu", "sigmoid", "none"])
  func gradients(activation: String) throws {
    let more: [String: OptionValue] =
      activation == "none" ? ["bias": .boolean(false)] : ["activation": .string(activation)]
    try checkGradients(
      layer: Self.layer(7, more), inputShapes: [[13]], inputs: [randomValues(3 * 13, seed: 1)], batch: 3)
  }

  @Test(
    "large and odd sizes equal a plain sum, for any number of workers",
    arguments: [(1, 127, 13), (7, 3001, 101), (3, 5, 2100)])
  func sizes(batch: Int, features: Int, units: Int) throws {
    let layer = try Self.layer(units, ["activation": .string("relu")])
    let input = randomValues(batch * features, seed: 2)
    let gradient = randomValues(batch * units, seed: 3)
    let runners = try [1, 2, 3].map {
      try OperationRunner(layer, inputShapes: [[features]], maximumBatch: batch, workerCount: $0)
    }
    let kernel = runners[0].initialParameters()[0]
    let bias = randomValues(units, seed: 4)
    let results = runners.map { $0.run(inputs: [input], parameters: [kernel, bias], outputGradient: gradient) }
    for other in results.dropFirst() {
      expectSameBits(other.output, results[0].output)
      expectSameBits(other.inputGradients[0], results[0].inputGradients[0])
      expectSameBits(other.parameterGradients[0], results[0].parameterGradients[0])
    }
    var expected = [Float](repeating: 0, count: batch * units)
    var inputGradient = [Float](repeating: 0, count: batch * features)
    for b in 0..<batch {
      for n in 0..<units {
        var sum = Double(bias[n])
        for k in 0..<features { sum += Double(input[b * features + k]) * Double(kernel[k * units + n]) }
        expected[b * units + n] = Float(max(0, sum))
      }
      for k in 0..<features {
        var sum = 0.0
        for n in 0..<units where expected[b * units + n] > 0 {
          sum += Double(gradient[b * units + n]) * Double(kernel[k * units + n])
        }
        inputGradient[b * features + k] = Float(sum)
      }
    }
    expectClose(results[0].output, expected)
    expectClose(results[0].inputGradients[0], inputGradient)
  }

  @Test("a picture is refused, with the hint to flatten it")
  func refusal() throws {
    let layer = try Self.layer(3)
    #expect(throws: LayerError.inputRank(expected: "a vector (put a flatten layer before it)", found: [2, 2, 3])) {
      try layer.signature(for: [[2, 2, 3]])
    }
  }
}
