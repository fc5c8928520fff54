/// Compares two runs of a layer.
struct LayerComparison {
  let context: CheckContext
  let plan: LayerPlan

  /// Says the first difference of each array.
  ///
  /// - Parameter what: what was done differently: `with 3 workers`.
  func expectSame(_ found: LayerResult, _ expected: LayerResult, _ what: String) {
    compare(found, expected) { expectSame($0, $1, $2, what) }
  }

  /// Says where an array is another one than rounding explains.
  func expectClose(_ found: LayerResult, _ expected: LayerResult, _ what: String) {
    compare(found, expected) { expectClose($0, $1, $2, tolerance: 1e-4, what) }
  }

  private func compare(
    _ found: LayerResult, _ expected: LayerResult, _ body: (_ name: String, [Float], [Float]) -> Void
  ) {
    body("output", found.output, expected.output)
    for (index, (a, b)) in zip(found.inputGradients, expected.inputGradients).enumerated() {
      body("gradient of input \(index)", a, b)
    }
    for ((a, b), parameter) in zip(zip(found.parameterGradients, expected.parameterGradients), plan.parameters) {
      body("gradient of parameter '\(parameter.name)'", a, b)
    }
    for ((a, b), parameter) in zip(zip(found.parameters, expected.parameters), plan.parameters) {
      body("parameter '\(parameter.name)'", a, b)
    }
  }

  func expectSame(_ name: String, _ found: [Float], _ expected: [Float], _ what: String) {
    guard let place = firstDifference(found, expected) else { return }
    if found.count != expected.count {
      context.fail("\(name) has \(found.count) numbers \(what), expected \(expected.count): \(plan.description)")
      return
    }
    let count = zip(found, expected).count { $0.bitPattern != $1.bitPattern }
    context.fail(
      "\(name)[\(place)] is \(found[place]) \(what), expected \(expected[place]) "
        + "(\(count) of \(found.count) differ): \(plan.description)")
  }

  /// Says the largest difference where one is greater than `tolerance` times the largest magnitude of its array.
  func expectClose(_ name: String, _ found: [Float], _ expected: [Float], tolerance: Float, _ what: String) {
    if found.count != expected.count {
      context.fail("\(name) has \(found.count) numbers \(what), expected \(expected.count): \(plan.description)")
      return
    }
    let scale = max(1e-6, expected.lazy.map { abs($0) }.filter(\.isFinite).max() ?? 0)
    var worst = (place: -1, error: Float(0))
    for place in found.indices {
      let error = found[place] == expected[place] ? 0 : abs(found[place] - expected[place])
      if error.isNaN && found[place].isNaN && expected[place].isNaN { continue }
      if error.isNaN || error > worst.error { worst = (place, error.isNaN ? .infinity : error) }
    }
    if worst.error > tolerance * scale {
      context.fail(
        "\(name)[\(worst.place)] is \(found[worst.place]) \(what), expected \(expected[worst.place]) "
          + "(within \(tolerance * scale)): \(plan.description)")
    }
  }
}
