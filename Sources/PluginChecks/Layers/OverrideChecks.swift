import CWorkbenchPlugin
import Layers
import Tensors

/// What an override gives, beside what the built-in layer gives.
enum OverrideChecks {
  static func builtIn(_ context: CheckContext) throws {
    let target = try LayerTarget(context)
    for plan in try LayerCases(context, target).few(12) {
      guard let layer = try? target.builtIn?.init(options: plan.question.options.values),
        let signature = try? layer.signature(for: plan.question.shapes)
      else { continue }
      context.doing("a step: \(plan.description)")
      let rig = try LayerRig(context, target, plan)
      let found = try rig.run()
      context.doing("a step of the built-in layer: \(plan.description)")
      let expected = try run(layer, signature, rig, plan)
      LayerComparison(context: context, plan: plan).expectClose(
        found, expected, "where the built-in layer gives something else")
    }
  }

  /// The same step, by the built-in layer's own operation.
  private static func run(
    _ layer: any Layer, _ signature: LayerSignature, _ rig: LayerRig, _ plan: LayerPlan
  ) throws -> LayerResult {
    let question = plan.question
    let batch = question.maximumBatch
    let operation = try layer.makeOperation(
      OperationRequest(
        inputShapes: question.shapes, maximumBatch: batch, isTraining: question.isTraining,
        needsInputGradient: question.needsInputGradient))
    func tensor(_ values: [Float]) -> Tensor {
      let tensor = Tensor([max(1, values.count)])
      for (index, value) in values.enumerated() { tensor[index] = value }
      return tensor
    }
    func values(_ tensor: Tensor, _ count: Int) -> [Float] { Array(tensor.values.prefix(count)) }
    let inputs = rig.inputValues.map(tensor)
    let parameters = rig.parameterValues.map(tensor)
    let output = Tensor([batch * signature.outputShape.count])
    let saved = Tensor([max(1, operation.savedCount)])
    let workspace = Tensor([max(1, operation.workspaceCount)])
    let persistent = Tensor([max(1, operation.persistentCount)])
    let outputGradient = tensor(rig.outputGradientValues)
    let inputGradients = inputs.map { Tensor([$0.count]) }
    let parameterGradients = zip(parameters, signature.parameters).map { $1.isTrainable ? Tensor([$0.count]) : nil }

    var frame = Frame(batch: batch, pool: WorkerPool(workerCount: 1), samples: Array(0..<batch))
    frame.inputs = inputs.map { UnsafePointer($0.pointer) }
    frame.output = output.pointer
    frame.parameters = parameters.map(\.pointer)
    frame.saved = saved.pointer
    frame.workspace = workspace.pointer
    frame.persistent = persistent.pointer
    frame.outputGradient = outputGradient.pointer
    frame.inputGradients = inputGradients.map { $0.pointer }
    frame.parameterGradients = parameterGradients.map { $0?.pointer }
    var result = LayerResult()
    // The frame holds pointers, which do not keep the tensors.
    try withExtendedLifetime((inputs, parameters, output, saved, workspace, persistent)) {
      try withExtendedLifetime((outputGradient, inputGradients, parameterGradients)) {
        try operation.prepare(frame)
        try operation.forward(frame)
        result.output = output.values
        result.parameters = zip(parameters, rig.parameterValues).map { values($0, $1.count) }
        if question.isTraining {
          try operation.backward(frame)
          result.inputGradients = zip(inputGradients, rig.inputValues).map { values($0, $1.count) }
          result.parameterGradients = zip(parameterGradients, rig.parameterValues).map { gradient, before in
            gradient.map { values($0, before.count) } ?? []
          }
        }
      }
    }
    return result
  }
}
