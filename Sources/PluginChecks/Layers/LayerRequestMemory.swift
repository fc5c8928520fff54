import CWorkbenchPlugin
import Layers
import PluginHost
import Tensors

/// What `plan` gets, in C's memory, which must outlive every call for the plan.
final class LayerRequestMemory {
  let request: UnsafeMutablePointer<workbench_layer_request>
  let plan: UnsafeMutablePointer<workbench_layer_plan>
  let parameters: [UnsafeMutablePointer<workbench_parameter>]
  private let options: PluginOptions
  private let shapes: UnsafeMutablePointer<workbench_shape>
  private let shapeList: UnsafeMutablePointer<UnsafePointer<workbench_shape>?>
  private let parameterList: UnsafeMutablePointer<UnsafeMutablePointer<workbench_parameter>?>

  init(_ question: LayerQuestion, target: LayerTarget) {
    let count = question.shapes.count
    options = PluginOptions(question.options.values, schema: target.schema)
    shapes = .allocate(capacity: count)
    shapeList = .allocate(capacity: count)
    for (index, shape) in question.shapes.enumerated() {
      (shapes + index).initialize(to: workbench_shape(shape))
      (shapeList + index).initialize(to: UnsafePointer(shapes + index))
    }
    request = .allocate(capacity: 1)
    request.initialize(
      to: workbench_layer_request(
        struct_size: UInt32(MemoryLayout<workbench_layer_request>.size), input_count: UInt32(count),
        inputs: UnsafePointer(shapeList), options: options.pointer, maximum_batch: UInt32(question.maximumBatch),
        worker_count: UInt32(question.workerCount), is_training: question.isTraining ? 1 : 0,
        needs_input_gradient: question.needsInputGradient ? 1 : 0))
    let most = Int(WORKBENCH_PARAMETERS_MAX)
    parameterList = .allocate(capacity: most)
    parameters = (0..<most).map { _ in .allocate(capacity: 1) }
    for (index, parameter) in parameters.enumerated() {
      var raw = workbench_parameter()
      raw.struct_size = UInt32(MemoryLayout<workbench_parameter>.size)
      raw.shape.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
      parameter.initialize(to: raw)
      (parameterList + index).initialize(to: parameter)
    }
    plan = .allocate(capacity: 1)
    var raw = workbench_layer_plan()
    raw.struct_size = UInt32(MemoryLayout<workbench_layer_plan>.size)
    raw.output.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
    raw.parameters = UnsafePointer(parameterList)
    plan.initialize(to: raw)
  }

  deinit {
    for parameter in parameters { parameter.deallocate() }
    parameterList.deallocate()
    plan.deallocate()
    request.deallocate()
    shapeList.deallocate()
    shapes.deallocate()
  }

  /// What an override finds set: output and parameters as the built-in layer has them.
  func fill(_ signature: LayerSignature) {
    plan.pointee.output = workbench_shape(signature.outputShape)
    plan.pointee.parameter_count = UInt32(signature.parameters.count)
    for (spec, pointer) in zip(signature.parameters, parameters) {
      pointer.pointee.setName(spec.name)
      pointer.pointee.shape = workbench_shape(spec.shape)
      pointer.pointee.flags = spec.isTrainable ? 0 : WORKBENCH_NOT_TRAINABLE
      pointer.pointee.l2 = spec.l2
      pointer.pointee.fan_in = UInt64(spec.fanIn)
      pointer.pointee.fan_out = UInt64(spec.fanOut)
      switch spec.initializer {
      case .glorotUniform: pointer.pointee.initializer = Int32(WORKBENCH_GLOROT_UNIFORM.rawValue)
      case .heNormal: pointer.pointee.initializer = Int32(WORKBENCH_HE_NORMAL.rawValue)
      case .heUniform: pointer.pointee.initializer = Int32(WORKBENCH_HE_UNIFORM.rawValue)
      case .normal(let deviation):
        pointer.pointee.initializer = Int32(WORKBENCH_NORMAL.rawValue)
        pointer.pointee.initial_value = deviation
      case .constant(let value):
        pointer.pointee.initializer = Int32(WORKBENCH_CONSTANT.rawValue)
        pointer.pointee.initial_value = value
      }
    }
  }
}

extension LayerTarget {
  /// Asks `plan`, or `claim`.
  func ask(_ question: LayerQuestion) -> LayerAnswer {
    let memory = LayerRequestMemory(question, target: self)
    if let builtIn {
      guard let layer = try? builtIn.init(options: question.options.values),
        let signature = try? layer.signature(for: question.shapes)
      else { return .impossible }
      memory.fill(signature)
    }
    let answer = PluginAnswer { plan(UnsafePointer(memory.request), memory.plan, $0, $1) }
    return answer.isOK ? .planned(LayerPlan(question, memory, memory.plan.pointee)) : .refused(answer)
  }
}
