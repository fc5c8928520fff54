import CWorkbenchPlugin
import Schemas
import Tensors

/// What `plan` answers; nothing is computed.
enum LayerShapeChecks {
  private static let strange: [[Shape]] = [
    [[]], [[1]], [[1, 1, 1, 1, 1, 1, 1, 1]], [[2, 3, 4, 5, 6, 7]], [[1 << 31]], [[1 << 20, 1 << 20, 3]],
    [[3, 1 << 40]],
    [[1, 1, 4096]], [[100_000, 1, 1]], [[2, 2]], [[640, 480, 3]],
  ]

  static func shapes(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let options = OptionCases(schema: target.schema, settings: context.settings)
    var refusal: String?
    do {
      let cases = try LayerCases(context, target)
      for plan in cases.all { checkPlan(context, target, plan) }
      // With several layers a person cannot say which one a shape is meant for.
      if context.library.layers.count == 1, target.builtIn == nil {
        for one in cases.untried where one.isRefused { context.fail(one.description) }
      }
    } catch let error as CheckContext.NotApplicable {
      if target.builtIn != nil { throw error }
      let question = LayerQuestion(options: try options.defaults(), shapes: [[5, 4, 3]])
      switch target.ask(question) {
      case .refused(let answer): refusal = answer.description
      case .planned(let plan): refusal = plan.hindrance.map { "a plan that cannot be tried: \($0)" }
      case .impossible: break
      }
      context.fail(
        "plan takes none of the shapes that were tried: \(question.description) gets \(refusal ?? "a plan")"
          + (context.settings.shapes.isEmpty ? "" : "; \(error.reason)")
      )
    }
    // What it makes of shapes that hardly any layer can take.
    for shapes in strange {
      let shapes = [Shape](repeating: shapes[0], count: target.inputCounts.lowerBound)
      let question = LayerQuestion(options: try options.defaults(), shapes: shapes, isTraining: target.trains)
      context.doing("plan: \(question.description)")
      if case .planned(let plan) = target.ask(question) { checkPlan(context, target, plan) }
    }
  }

  /// Says what cannot be of a plan.
  static func checkPlan(_ context: CheckContext, _ target: LayerTarget, _ plan: LayerPlan) {
    let description = plan.description
    context.expect(
      plan.outputRank <= Int(WORKBENCH_RANK_MAX),
      "output has rank \(plan.outputRank), at most \(WORKBENCH_RANK_MAX) can be: \(description)")
    for (axis, extent) in plan.outputExtents.enumerated() where extent == 0 {
      context.fail("output extent \(axis) is 0, expected 1 or more: \(description)")
    }
    context.expect(
      plan.parameterCount <= Int(WORKBENCH_PARAMETERS_MAX),
      "\(plan.parameterCount) parameters, at most \(WORKBENCH_PARAMETERS_MAX) can be: \(description)")
    var names: Set<String> = []
    for (index, parameter) in plan.parameters.enumerated() {
      context.expect(
        isName(parameter.name),
        "the name of parameter \(index) is '\(parameter.name)', expected [a-z][a-z0-9_]*, at most 63 bytes: \(description)"
      )
      context.expect(
        names.insert(parameter.name).inserted, "two parameters are named '\(parameter.name)': \(description)")
      context.expect(
        parameter.shape.dimensions.allSatisfy { $0 >= 1 },
        "parameter '\(parameter.name)' has shape \(parameter.shape), expected 1 or more on each axis: \(description)")
      context.expect(
        (0...3).contains(parameter.initializer),
        "parameter '\(parameter.name)': initializer \(parameter.initializer), expected 0 to 3: \(description)")
      context.expect(
        parameter.initializer == 0 || parameter.fanIn >= 1 && (parameter.initializer != 1 || parameter.fanOut >= 1),
        "parameter '\(parameter.name)': fan_in \(parameter.fanIn), fan_out \(parameter.fanOut), expected 1 or more: \(description)"
      )
      context.expect(
        parameter.initialValue.isFinite && parameter.l2.isFinite && parameter.l2 >= 0,
        "parameter '\(parameter.name)': initial_value \(parameter.initialValue), l2 \(parameter.l2): \(description)")
      let known = WORKBENCH_NOT_TRAINABLE | WORKBENCH_NO_WEIGHT_DECAY
      context.expect(
        parameter.flags & ~known == 0,
        "parameter '\(parameter.name)': flags 0x\(hex(parameter.flags)), known are 0x\(hex(known)): \(description)")
    }
    let known: UInt32 = 63
    context.expect(plan.flags & ~known == 0, "flags 0x\(hex(plan.flags)), known are 0x\(hex(known)): \(description)")
    let inPlace = WORKBENCH_FORWARD_IN_PLACE | WORKBENCH_BACKWARD_IN_PLACE | WORKBENCH_IS_IDENTITY
    if plan.has(inPlace), plan.outputExtents.allSatisfy({ $0 >= 1 }), plan.output.count != plan.question.shapes[0].count
    {
      context.fail(
        "flags 0x\(hex(plan.flags)) say in place, but the output has \(plan.output.count) numbers and input 0 "
          + "\(plan.question.shapes[0].count): \(description)")
    }
    if target.builtIn != nil, let expected = builtInAnswer(target, plan.question) {
      context.expect(
        plan.output == expected.output && plan.parameters == expected.parameters,
        "claim changed the output or the parameters: \(plan.output), expected \(expected.output): \(description)")
    }
  }

  /// What `claim` finds set.
  private static func builtInAnswer(_ target: LayerTarget, _ question: LayerQuestion) -> LayerPlan? {
    guard let layer = try? target.builtIn?.init(options: question.options.values),
      let signature = try? layer.signature(for: question.shapes)
    else { return nil }
    let memory = LayerRequestMemory(question, target: target)
    memory.fill(signature)
    return LayerPlan(question, memory, memory.plan.pointee)
  }

  static func plan(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).all.prefix(24) {
      context.doing("plan, asked in other ways: \(plan.description)")
      var questions: [(String, LayerQuestion)] = []
      func add(_ what: String, _ change: (inout LayerQuestion) -> Void) {
        var question = plan.question
        change(&question)
        questions.append((what, question))
      }
      add("asked again") { _ in }
      add("for a batch of 1") { $0.maximumBatch = 1 }
      add("for a batch of 7") { $0.maximumBatch = 7 }
      add("for 3 workers") { $0.workerCount = 3 }
      if target.builtIn == nil { add("outside of training") { $0.isTraining = false } }
      add("without an input gradient") { $0.needsInputGradient = false }
      for (what, question) in questions {
        switch target.ask(question) {
        case .refused(let answer):
          if target.builtIn == nil {
            context.fail("plan refuses \(what) what it took before, \(answer.description): \(plan.description)")
          }
        case .impossible: break
        case .planned(let other):
          context.expect(
            other.outputExtents == plan.outputExtents,
            "the output is \(other.outputExtents) \(what), expected \(plan.outputExtents): \(plan.description)")
          context.expect(
            other.parameters == plan.parameters,
            "the parameters are not the same \(what): found \(names(other)), expected \(names(plan)): \(plan.description)"
          )
          let isSame =
            other.savedBytes == plan.savedBytes && other.workspaceBytes == plan.workspaceBytes
            && other.flags == plan.flags
          context.expect(
            what != "asked again" || isSame, "flags or bytes are not the same \(what): \(plan.description)")
        }
      }
    }
  }

  private static func names(_ plan: LayerPlan) -> String {
    plan.parameters.map { "\($0.name) \($0.shape) flags \($0.flags) l2 \($0.l2)" }.joined(separator: ", ")
  }

  static func options(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let options = OptionCases(schema: target.schema, settings: context.settings)
    guard !target.schema.options.isEmpty else { throw CheckContext.NotApplicable(reason: "the layer has no options") }
    expectRefusals(context, options)
    var shapes = try? LayerCases(context, target).plain.prefix(2).map(\.question.shapes)
    if shapes?.isEmpty ?? true { shapes = [[Shape]](repeating: [[5, 4, 3]], count: 1) }
    for other in options.extremes(count: 200) {
      for shapes in shapes ?? [] {
        let question = LayerQuestion(options: other, shapes: shapes, isTraining: target.trains)
        context.doing("plan: \(question.description)")
        switch target.ask(question) {
        case .planned(let plan): checkPlan(context, target, plan)
        case .refused(let answer): answer.checkRefusal(context, "plan", question.description)
        case .impossible: break
        }
      }
    }
  }

  /// The schema keeps from the plugin what it excludes.
  static func expectRefusals(_ context: CheckContext, _ options: OptionCases) {
    for option in options.schema.options {
      for value in option.forbiddenValues {
        context.expect(
          (try? options.make([option.name: value])) == nil,
          "option '\(option.name)' takes \(value.short), which its kind and range exclude")
      }
    }
  }

  static func messages(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    let options = OptionCases(schema: target.schema, settings: context.settings)
    var questions: [LayerQuestion] = []
    for options in [try options.defaults()] + options.extremes(count: 20) {
      for shape in strange.map({ $0[0] }) + [[7], [5, 4, 3]] {
        let shapes = [Shape](repeating: shape, count: target.inputCounts.lowerBound)
        let question = LayerQuestion(options: options, shapes: shapes, isTraining: target.trains)
        if case .refused = target.ask(question) { questions.append(question) }
      }
    }
    if questions.isEmpty { throw CheckContext.NotApplicable(reason: "plan refused nothing of what was tried") }
    for question in questions.prefix(40) {
      let memory = LayerRequestMemory(question, target: target)
      try PluginAnswer.checkMessages(
        context, "plan", question.description, isOptional: target.builtIn != nil
      ) { message, bytes in
        target.plan(UnsafePointer(memory.request), memory.plan, message, bytes)
      }
    }
  }

  private static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil && text.utf8.count <= 63
  }
}
