import CWorkbenchPlugin
import Tensors

/// How one step of a layer is run.
struct LayerStep {
  var batch: Int?
  var hasBackward = true
  var schedule = ParallelFor.Schedule.inOrder
  /// What stands in saved memory and workspace before they are written; 0xff is not-a-number.
  var fill: UInt8 = 0xff
  /// What stands in the gradients before.
  var gradientBits = unwrittenBits
  var isForwardInPlace = false
  var isBackwardInPlace = false
  var overwritesInput = false
  /// Whether the saved numbers lie elsewhere in `backward`.
  var movesSaved = false
  var wantsInputGradients = true
  var wantsParameterGradients = true
  var key: UInt64 = 0x1234_5678_9abc
  var samples: [UInt64]?
}

/// What one step gave.
struct LayerResult {
  var output: [Float] = []
  var inputGradients: [[Float]] = []
  /// Empty where nobody wanted one.
  var parameterGradients: [[Float]] = []
  var parameters: [[Float]] = []
}

/// A layer with all the memory that its plan asks for, to be run in many ways.
final class LayerRig {
  let target: LayerTarget
  let plan: LayerPlan
  let inputs: [GuardedArray]
  let output: GuardedArray
  let parameters: [GuardedArray]
  let saved: GuardedArray?
  let workspace: GuardedArray?
  let persistent: GuardedArray?
  let outputGradient: GuardedArray
  let inputGradients: [GuardedArray]
  let parameterGradients: [GuardedArray?]
  let parallel: ParallelFor
  private(set) var inputValues: [[Float]] = []
  private(set) var parameterValues: [[Float]] = []
  private(set) var outputGradientValues: [Float] = []
  private let context: CheckContext
  private let isTight: Bool

  var maximumBatch: Int { plan.question.maximumBatch }
  var shapes: [Shape] { plan.question.shapes }

  /// Memory for the plan; inputs, parameters and the output's gradient are filled as `fill` does.
  ///
  /// - Parameter isTight: see `GuardedArray`.
  init(
    _ context: CheckContext, _ target: LayerTarget, _ plan: LayerPlan, isTight: Bool = false, pool: WorkerPool? = nil
  )
    throws
  {
    self.context = context
    self.target = target
    self.plan = plan
    self.isTight = isTight
    let batch = plan.question.maximumBatch
    func array(_ name: String, _ bytes: Int) throws -> GuardedArray {
      try GuardedArray(name, bytes: bytes, isTight: isTight)
    }
    func optional(_ name: String, _ bytes: UInt64) throws -> GuardedArray? {
      bytes == 0 ? nil : try array(name, Int(bytes))
    }
    inputs = try plan.question.shapes.enumerated().map { try array("input \($0)", batch * $1.count * 4) }
    output = try array("output", batch * plan.output.count * 4)
    parameters = try plan.parameters.map { try array("parameter '\($0.name)'", $0.shape.count * 4) }
    saved = try optional("saved memory", plan.savedBytes)
    workspace = try optional("workspace", plan.workspaceBytes)
    persistent = try optional("persistent memory", plan.persistentBytes)
    outputGradient = try array("output gradient", output.byteCount)
    inputGradients = try inputs.map { try array("gradient of \($0.name)", $0.byteCount) }
    parameterGradients = try zip(plan.parameters, parameters).map {
      $0.isTrainable ? try array("gradient of \($1.name)", $1.byteCount) : nil
    }
    parallel = ParallelFor(workerCount: plan.question.workerCount, pool: pool)
    fill(seed: 1)
  }

  /// Every array that the plugin gets.
  var arrays: [GuardedArray] {
    inputs + [output] + parameters + [saved, workspace, persistent].compactMap(\.self) + [outputGradient]
      + inputGradients + parameterGradients.compactMap(\.self)
  }

  /// Random inputs, parameters near their start, and a random gradient of the output.
  ///
  /// - Parameter isPositive: inputs from 0.25 to 1.75; else from -1.5 to 1.5.
  func fill(seed: Int, isPositive: Bool = false) {
    let key = RandomKey(seed: seed)
    inputValues = inputs.enumerated().map { index, array in
      var stream = RandomStream(key.deriving("input").deriving(index))
      return (0..<array.count).map { _ in isPositive ? stream.uniform(0.25, 1.75) : stream.uniform(-1.5, 1.5) }
    }
    parameterValues = zip(plan.parameters, parameters).map { parameter, array in
      var stream = RandomStream(key.deriving(parameter.name))
      return (0..<array.count).map { _ in parameter.value(&stream) }
    }
    var stream = RandomStream(key.deriving("gradient"))
    outputGradientValues = (0..<output.count).map { _ in stream.uniform(-1, 1) }
  }

  /// Runs a step with these inputs instead.
  func setInputs(_ values: [[Float]]) { inputValues = values }

  func setOutputGradient(_ values: [Float]) { outputGradientValues = values }

  /// Runs `prepare`, `forward` and `backward` as the step says.
  ///
  /// - Parameter between: called between `forward` and `backward`.
  /// - Throws: `CheckContext.Stop`, said, when the plugin answers with a failure.
  func run(_ step: LayerStep = LayerStep(), between: () throws -> Void = {}) throws -> LayerResult {
    let batch = step.batch ?? maximumBatch
    parallel.schedule = step.schedule
    try prepare(fill: step.fill)
    var result = LayerResult()
    try forward(step)
    let outputArray = step.isForwardInPlace ? inputs[0] : output
    result.output = outputArray.values(batch * plan.output.count)
    result.parameters = parameters.map { $0.values() }
    guard step.hasBackward, target.trains, let backward = target.backward, plan.question.isTraining else {
      return result
    }

    try between()
    var other: GuardedArray?
    if step.movesSaved, let saved {
      other = try GuardedArray("saved memory, moved", bytes: saved.byteCount, isTight: isTight)
      other?.pointer.copyMemory(from: saved.pointer, byteCount: saved.byteCount)
      saved.fill(step.fill)
    }
    outputGradient.store(outputGradientValues)
    workspace?.fill(step.fill)
    for gradient in inputGradients + parameterGradients.compactMap(\.self) { gradient.fill(bits: step.gradientBits) }
    let gradients: [GuardedArray?] = inputGradients.indices.map { index in
      guard step.wantsInputGradients, plan.question.needsInputGradient else { return nil }
      if index == 0, step.isBackwardInPlace { return outputGradient }
      if index == 0, step.overwritesInput { return inputs[0] }
      return inputGradients[index]
    }
    let parameterGradients = self.parameterGradients.map { step.wantsParameterGradients ? $0 : nil }
    try call(backward, "backward", step) { frame in
      frame.saved = (other ?? saved)?.pointer
      frame.outputGradient = outputGradient.floats
      frame.inputGradients = gradients.map { $0?.floats }
      frame.parameterGradients = parameterGradients.map { $0?.floats }
      if step.isForwardInPlace { frame.output = inputs[0].floats }
      if context.hidesUndeclared, !plan.has(WORKBENCH_READS_OUTPUT) { frame.output = nil }
      if context.hidesUndeclared, !plan.has(WORKBENCH_READS_INPUTS) { frame.inputs = frame.inputs.map { _ in nil } }
    }
    result.inputGradients = zip(gradients, shapes).map { $0?.values(batch * $1.count) ?? [] }
    result.parameterGradients = parameterGradients.map { $0?.values() ?? [] }
    return result
  }

  /// Stores the parameters, one number of one of them changed, and fills `persistent`.
  func prepare(fill: UInt8 = 0xff, changing array: GuardedArray? = nil, _ index: Int = 0, to value: Float = 0) throws {
    for (array, values) in zip(parameters, parameterValues) { array.store(values) }
    if let array { array.floats[index] = value }
    persistent?.fill(fill)
    try prepareAgain(fill: fill)
  }

  /// `prepare` with `persistent` as it is.
  func prepareAgain(fill: UInt8 = 0xff) throws {
    workspace?.fill(fill)
    guard let prepare = target.prepare else { return }
    try call(prepare, "prepare", LayerStep()) { frame in
      frame.inputs = []
      frame.output = nil
      frame.saved = nil
    }
  }

  /// Stores the inputs, one number of one of them changed, poisons what `forward` has not written, and runs it.
  func forward(
    _ step: LayerStep = LayerStep(), changing array: GuardedArray? = nil, _ index: Int = 0, to value: Float = 0
  ) throws {
    for (array, values) in zip(inputs, inputValues) { array.store(values) }
    if let array { array.floats[index] = value }
    output.fill(bits: unwrittenBits)
    saved?.fill(step.fill)
    workspace?.fill(step.fill)
    try call(target.forward, "forward", step) { frame in
      if step.isForwardInPlace { frame.output = inputs[0].floats }
    }
  }

  private struct Frame {
    var inputs: [UnsafePointer<Float>?]
    var output: UnsafeMutablePointer<Float>?
    var saved: UnsafeMutableRawPointer?
    var outputGradient: UnsafeMutablePointer<Float>?
    var inputGradients: [UnsafeMutablePointer<Float>?] = []
    var parameterGradients: [UnsafeMutablePointer<Float>?] = []
  }

  private func call(
    _ function: workbench_layer_function, _ name: String, _ step: LayerStep, change: (inout Frame) -> Void
  ) throws {
    var frame = Frame(inputs: inputs.map { UnsafePointer($0.floats) }, output: output.floats, saved: saved?.pointer)
    change(&frame)
    let batch = step.batch ?? maximumBatch
    let samples = step.samples ?? (0..<batch).map { UInt64($0) }
    let isBackward = name == "backward"
    let answer = withExtendedLifetime(self) {
      frame.inputs.withUnsafeBufferPointer { inputList in
        parameters.map { Optional($0.floats) }.withUnsafeBufferPointer { parameterList in
          frame.inputGradients.withUnsafeBufferPointer { inputGradientList in
            frame.parameterGradients.withUnsafeBufferPointer { parameterGradientList in
              samples.withUnsafeBufferPointer { sampleList in
                var call = workbench_layer_call()
                call.struct_size = UInt32(MemoryLayout<workbench_layer_call>.size)
                call.batch = UInt32(batch)
                call.request = UnsafePointer(plan.request.request)
                call.inputs = frame.inputs.isEmpty ? nil : inputList.baseAddress
                call.output = frame.output
                call.parameters = parameterList.baseAddress
                call.saved = frame.saved
                call.workspace = workspace?.pointer
                call.persistent = persistent?.pointer
                call.output_gradient = frame.outputGradient
                call.input_gradients = isBackward ? inputGradientList.baseAddress : nil
                call.parameter_gradients = isBackward ? parameterGradientList.baseAddress : nil
                call.random_key = step.key
                call.samples = plan.question.isTraining ? sampleList.baseAddress : nil
                call.parallel_for = ParallelFor.function
                call.host_data = Unmanaged.passUnretained(parallel).toOpaque()
                return PluginAnswer { function(&call, $0, $1) }
              }
            }
          }
        }
      }
    }
    if answer.isOK { return }
    context.fail("\(name) answered \(answer.description): \(plan.description)")
    throw CheckContext.Stop()
  }
}

extension LayerPlan.Parameter {
  /// A number near those that the parameter starts with.
  func value(_ stream: inout RandomStream) -> Float {
    switch UInt32(bitPattern: initializer) {
    case WORKBENCH_GLOROT_UNIFORM.rawValue:
      let limit = (6 / Float(max(1, fanIn) + max(1, fanOut))).squareRoot()
      return stream.uniform(-limit, limit)
    case WORKBENCH_HE_NORMAL.rawValue, WORKBENCH_HE_UNIFORM.rawValue:
      let limit = (6 / Float(max(1, fanIn))).squareRoot()
      return stream.uniform(-limit, limit)
    case WORKBENCH_NORMAL.rawValue: return initialValue * stream.normal()
    default:
      // A tenth of it up or down: an exponent of 3 stays one, a variance stays positive.
      let scale = initialValue == 0 ? 0.1 : abs(initialValue) * 0.1
      return initialValue + stream.uniform(-scale, scale)
    }
  }
}
