import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// A random graph of test layers over a vector of 8 numbers, with branches, joins and values that several layers read.
func randomGraph(seed: Int) throws -> Network {
  var stream = RandomStream(RandomKey(seed: seed).deriving("graph"))
  var builder = NetworkBuilder()
  var open = [try builder.input([8])]
  for _ in 0..<(4 + stream.integer(below: 12)) {
    // Mostly the newest nodes, so that chains arise in which layers can work in place.
    let recent = open.suffix(1 + stream.integer(below: 3))
    let input = recent[recent.startIndex + stream.integer(below: recent.count)]
    let layer: any Layer
    var inputs = [input]
    switch stream.integer(below: 6) {
    case 0: layer = try ScaleLayer(factor: stream.uniform(0.5, 1.2))
    case 1, 2: layer = try SquareLayer()
    case 3: layer = try SoftSignLayer()
    default:
      layer = try PairLayer(multiplies: stream.bool())
      inputs.append(open[stream.integer(below: open.count)])
    }
    open.append(try builder.add(layer, inputs: inputs))
  }
  let last = open[open.count - 1]
  let output = try builder.add(try HalveLayer(), inputs: [last])
  return try builder.network(output: output)
}

/// One step of training: what a plan gives for generated pixels and a generated gradient of the logits.
struct StepResult {
  var logits: [Float]
  var gradients: [[Float]?]
  /// All parameters after the step: running statistics change.
  var parameters: [[Float]]

  init(_ plan: TrainingPlan, count: Int, seed: Int = 5) throws {
    let pixels = Tensor(
      [plan.batch, plan.network.inputShape.count],
      randomValues(
        plan.batch * plan.network.inputShape.count, seed: seed, 0, 1))
    let classes = plan.network.classCount
    let logitsGradient = randomValues(plan.batch * classes, seed: seed + 1)
    let found = try plan.forward(
      pixels: pixels.pointer, count: count, randomKey: RandomKey(seed: 3), samples: Array(10..<10 + count))
    logits = Array(UnsafeBufferPointer(start: found, count: count * classes))
    for i in 0..<count * classes { plan.logitsGradient[i] = logitsGradient[i] }
    try plan.backward()
    gradients = plan.gradients.map { $0?.values }
    parameters = plan.parameters.entries.map(\.tensor.values)
  }
}

func expectSame(_ found: StepResult, _ expected: StepResult, _ what: String) {
  expectSameBits(found.logits, expected.logits, "\(what): logits")
  for (index, (a, b)) in zip(found.gradients, expected.gradients).enumerated() {
    expectSameBits(a ?? [], b ?? [], "\(what): gradient \(index)")
  }
  for (index, (a, b)) in zip(found.parameters, expected.parameters).enumerated() {
    expectSameBits(a, b, "\(what): parameter \(index)")
  }
}
