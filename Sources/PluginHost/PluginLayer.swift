import CWorkbenchPlugin
import Layers
import Schemas
import Tensors

/// A layer that a plugin computes.
public struct PluginLayer: Layer {
  public let type: PluginLayerType
  public let origin: LayerOrigin?
  public let options: Options
  private let plugin: String
  private let passed: PluginOptions

  /// - Parameter options: checked against the type's schema.
  public init(_ type: PluginLayerType, origin: LayerOrigin, options: Options) {
    self.type = type
    self.origin = origin
    self.options = options
    plugin = origin.plugin
    passed = PluginOptions(options, schema: type.schema)
  }

  /// As the registry lists it.
  static func kind(_ type: PluginLayerType, of library: PluginLibrary) -> LayerKind {
    let origin = LayerOrigin(plugin: library.id, version: library.version)
    return LayerKind(schema: type.schema, origin: origin) { PluginLayer(type, origin: origin, options: $0) }
  }

  public var schema: Schema { type.schema }
  public var isRandom: Bool { type.isRandom }
  public var hasBackward: Bool { !type.isInferenceOnly }

  public func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard type.inputCounts.contains(inputs.count) else {
      throw LayerError.inputCount(expected: type.expectedInputs, found: inputs.count)
    }
    if let deep = inputs.first(where: { $0.rank > Int(WORKBENCH_RANK_MAX) }) {
      throw LayerError.inputRank(expected: "inputs of at most \(WORKBENCH_RANK_MAX) axes", found: deep)
    }
    do throws(PluginPlan.Failure) {
      let plan = try plan(OperationRequest(inputShapes: inputs, maximumBatch: 1, isTraining: false)).plan
      return LayerSignature(outputShape: plan.outputShape, parameters: plan.parameters, flops: plan.flops)
    } catch {
      switch error {
      case .refused(_, let reason): throw LayerError.refused(plugin: plugin, reason: reason)
      case .faulty(let reason): throw LayerError.faulty(plugin: plugin, reason: reason)
      }
    }
  }

  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool {
    // A plan that fails does so again when the operation is made, and is reported then.
    let request = OperationRequest(inputShapes: inputs, maximumBatch: 1, isTraining: isTraining)
    return (try? plan(request))?.plan.has(WORKBENCH_IS_IDENTITY) ?? false
  }

  public func makeOperation(_ request: OperationRequest) throws(OperationError) -> any Operation {
    do throws(PluginPlan.Failure) {
      let (passed, plan) = try plan(request)
      // With what `signature` has promised, memory was laid out and parameters were made.
      let one = try self.plan(OperationRequest(inputShapes: request.inputShapes, maximumBatch: 1, isTraining: false))
        .plan
      guard plan.outputShape == one.outputShape,
        plan.parameters.map(\.name) == one.parameters.map(\.name),
        plan.parameters.map(\.shape) == one.parameters.map(\.shape)
      else { throw .faulty("its output shape or parameters depend on something else than input shapes and options") }
      let raw = type.pointer.table
      return PluginOperation(
        plugin: plugin, request: passed, plan: plan,
        functions: PluginOperation.Functions(prepare: raw.prepare, forward: raw.forward, backward: raw.backward))
    } catch {
      throw OperationError(plugin: plugin, call: "plan", reason: error.reason)
    }
  }

  private func plan(_ request: OperationRequest) throws(PluginPlan.Failure) -> (passed: PluginRequest, plan: PluginPlan)
  {
    let passed = PluginRequest(request, options: passed)
    let type = self.type.pointer
    let plan = try PluginPlan(passed, isInferenceOnly: self.type.isInferenceOnly) { request, plan, message, bytes in
      type.pointee.plan(type, request, plan, message, bytes)
    }
    return (passed, plan)
  }
}

extension PluginLayerType {
  /// `one input`, `2 to 16 inputs`
  fileprivate var expectedInputs: String {
    if inputCounts.count > 1 { return "\(inputCounts.lowerBound) to \(inputCounts.upperBound) inputs" }
    return inputCounts.lowerBound == 1 ? "one input" : "\(inputCounts.lowerBound) inputs"
  }
}
