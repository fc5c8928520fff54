import CWorkbenchPlugin

/// Which gradients `backward` writes, and how.
enum LayerGradientChecks {
  static func nullGradients(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    guard target.trains else { throw CheckContext.NotApplicable(reason: "there is no backward") }
    for plan in try LayerCases(context, target).few(6) {
      let rig = try LayerRig(context, target, plan)
      context.doing("a step: \(plan.description)")
      let all = try rig.run()
      let comparison = LayerComparison(context: context, plan: plan)
      for (inputs, parameters) in [(false, true), (true, false), (false, false)] {
        if parameters == false, plan.parameters.isEmpty { continue }
        let missing = [inputs ? nil : "inputs", parameters ? nil : "parameters"].compactMap(\.self)
        let what = "without gradients of \(missing.joined(separator: " and "))"
        context.doing("backward \(what): \(plan.description)")
        let found = try rig.run(LayerStep(wantsInputGradients: inputs, wantsParameterGradients: parameters))
        if inputs { compare(comparison, "gradient of input", found.inputGradients, all.inputGradients, what) }
        if parameters {
          compare(comparison, "gradient of parameter", found.parameterGradients, all.parameterGradients, what)
        }
      }
      var question = plan.question
      question.needsInputGradient = false
      guard case .planned(let other) = target.ask(question), other.isUsable, other.parameters == plan.parameters else {
        continue
      }
      context.doing("a step: \(other.description)")
      let found = try LayerRig(context, target, other).run(LayerStep(wantsInputGradients: false))
      compare(
        comparison, "gradient of parameter", found.parameterGradients, all.parameterGradients,
        "with needs_input_gradient 0")
    }
  }

  private static func compare(
    _ comparison: LayerComparison, _ name: String, _ found: [[Float]], _ expected: [[Float]], _ what: String
  ) {
    for (index, (a, b)) in zip(found, expected).enumerated() {
      comparison.expectClose("\(name) \(index)", a, b, tolerance: 1e-4, what)
    }
  }

  static func writes(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    guard target.trains else { throw CheckContext.NotApplicable(reason: "there is no backward") }
    for plan in try LayerCases(context, target).few(8) {
      let rig = try LayerRig(context, target, plan)
      context.doing("a step with gradients that hold not-a-number before: \(plan.description)")
      let first = try rig.run()
      context.doing("a step with gradients that hold 1 before: \(plan.description)")
      let ones = try rig.run(LayerStep(gradientBits: Float(1).bitPattern))
      let names =
        first.inputGradients.indices.map { "gradient of input \($0)" }
        + plan.parameters.map { "gradient of parameter '\($0.name)'" }
      let pairs = zip(
        first.inputGradients + first.parameterGradients, ones.inputGradients + ones.parameterGradients)
      for (name, (a, b)) in zip(names, pairs) {
        let unwritten = a.indices.filter { a[$0].bitPattern == unwrittenBits }
        if let place = unwritten.first {
          context.fail(
            "\(name): backward wrote \(a.count - unwritten.count) of \(a.count) numbers; the first that is missing is "
              + "[\(place)]: \(plan.description)")
        } else if let place = firstDifference(a, b) {
          context.fail(
            "\(name)[\(place)] is \(a[place]) where not-a-number stood before and \(b[place]) where 1 stood: backward "
              + "must write, not add: \(plan.description)")
        }
      }
    }
  }
}
