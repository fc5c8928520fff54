import Layers
import Tensors
import Testing

/// Compares an operation's gradients with central differences of a random projection of its output.
///
/// For `L = sum(r * output)` with a fixed random `r`, each gradient element that `backward` gives for `r` must equal
/// `(L(x + h) - L(x - h)) / 2h` within `tolerance * max(1, |gradient|)`. Sums are float64.
///
/// - Parameters:
///   - layer: any layer; its own operation is checked unless `runner` is given.
///   - inputs: values for each input, `batch` examples.
///   - step: h. The truncation error grows with h squared, the rounding error with 1 / h.
///   - limit: how many elements of each array are checked, spread over it.
public func checkGradients(
  layer: any Layer, inputShapes: [Shape], inputs: [[Float]], parameters: [[Float]]? = nil, batch: Int,
  isTraining: Bool = true, step: Float = 1e-2, tolerance: Float = 2e-3, limit: Int = 40,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let runner = try OperationRunner(layer, inputShapes: inputShapes, maximumBatch: batch, isTraining: isTraining)
  checkGradients(
    runner, inputs: inputs, parameters: parameters ?? runner.initialParameters(), step: step, tolerance: tolerance,
    limit: limit, sourceLocation: sourceLocation)
}

/// The same for an operation that stands for several layers.
public func checkGradients(
  _ runner: OperationRunner, inputs: [[Float]], parameters: [[Float]], step: Float = 1e-2, tolerance: Float = 2e-3,
  limit: Int = 40, sourceLocation: SourceLocation = #_sourceLocation
) {
  let outputCount = runner.request.maximumBatch * runner.signature.outputShape.count
  let projection = randomValues(outputCount, seed: 77)
  let analytic = runner.run(inputs: inputs, parameters: parameters, outputGradient: projection)

  func slope(_ change: (Float) -> (inputs: [[Float]], parameters: [[Float]])) -> Float {
    let up = change(step)
    let down = change(-step)
    let high = runner.run(inputs: up.inputs, parameters: up.parameters).output
    let low = runner.run(inputs: down.inputs, parameters: down.parameters).output
    var sum = 0.0
    for i in 0..<outputCount { sum += (Double(high[i]) - Double(low[i])) * Double(projection[i]) }
    return Float(sum / (2 * Double(step)))
  }

  for (which, values) in inputs.enumerated() {
    let indices = spread(values.count, limit)
    let numeric = indices.map { index in
      slope { delta in
        var changed = inputs
        changed[which][index] += delta
        return (changed, parameters)
      }
    }
    expectClose(
      indices.map { analytic.inputGradients[which][$0] }, numeric, tolerance: tolerance,
      "gradient of input \(which) at \(indices)", sourceLocation: sourceLocation)
  }
  for (which, spec) in runner.signature.parameters.enumerated() where spec.isTrainable {
    let indices = spread(spec.shape.count, limit)
    let numeric = indices.map { index in
      slope { delta in
        var changed = parameters
        changed[which][index] += delta
        return (inputs, changed)
      }
    }
    expectClose(
      indices.map { analytic.parameterGradients[which][$0] }, numeric, tolerance: tolerance,
      "gradient of \(spec.name) at \(indices)", sourceLocation: sourceLocation)
  }
}

/// At most `limit` indices of 0 ..< count, the first and the last among them.
private func spread(_ count: Int, _ limit: Int) -> [Int] {
  count <= limit ? Array(0..<count) : (0..<limit).map { $0 * (count - 1) / (limit - 1) }
}
