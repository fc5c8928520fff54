import CWorkbenchPlugin
import Layers
import PluginHost
import Schemas
import Tensors

/// What the checks of layers try: a layer of the plugin, or an override of a built-in one.
struct LayerTarget {
  typealias Plan = (
    UnsafePointer<workbench_layer_request>, UnsafeMutablePointer<workbench_layer_plan>, UnsafeMutablePointer<CChar>?,
    Int
  ) -> Int32

  let description: String
  let schema: Schema
  let inputCounts: ClosedRange<Int>
  /// Whether there is a `backward`.
  let trains: Bool
  let isRandom: Bool
  /// What an override stands for.
  let builtIn: (any BuiltInLayer.Type)?
  /// `plan` of a layer, `claim` of an override.
  let plan: Plan
  let prepare: workbench_layer_function?
  let forward: workbench_layer_function
  let backward: workbench_layer_function?

  /// - Throws: `CheckContext.NotApplicable`.
  init(_ context: CheckContext) throws {
    let library = context.library
    description = context.subject.description
    switch context.subject.kind {
    case .layer:
      let layer = library.layers[context.subject.index]
      let raw = layer.pointer.pointee
      guard let plan = raw.plan, let forward = raw.forward else {
        throw CheckContext.NotApplicable(reason: "no functions")
      }
      schema = layer.schema
      inputCounts = layer.inputCounts
      trains = raw.backward != nil && !layer.isInferenceOnly
      isRandom = layer.isRandom
      builtIn = nil
      self.plan = { plan(layer.pointer, $0, $1, $2, $3) }
      prepare = raw.prepare
      self.forward = forward
      backward = raw.backward
    default:
      let override = library.overrides[context.subject.index]
      let raw = override.pointer.pointee
      guard let claim = raw.claim, let forward = raw.forward,
        let type = LayerRegistry.all.first(where: { $0.schema.name == override.layer })
      else { throw CheckContext.NotApplicable(reason: "there is no built-in layer '\(override.layer)'") }
      schema = type.schema
      inputCounts = 1...2
      trains = raw.backward != nil
      isRandom = false
      builtIn = type
      plan = { claim(override.pointer, $0, $1, $2, $3) }
      prepare = raw.prepare
      self.forward = forward
      backward = raw.backward
    }
  }
}

/// What `plan` is asked.
struct LayerQuestion {
  var options: OptionCase
  var shapes: [Shape]
  var maximumBatch = 2
  var workerCount = 1
  var isTraining = true
  var needsInputGradient = true

  /// `input 17x13x5, p=2.5`
  var description: String {
    let shapes = shapes.map(\.description).joined(separator: " and ")
    let phase = (isTraining ? "" : ", not training") + (needsInputGradient ? "" : ", no input gradient")
    return "input \(shapes), batch \(maximumBatch)\(phase)" + (options.name.isEmpty ? "" : ", \(options.name)")
  }
}

/// What `plan` answered.
enum LayerAnswer {
  case planned(LayerPlan)
  /// The plugin says no.
  case refused(PluginAnswer)
  /// For overrides: the built-in layer itself cannot take this.
  case impossible
}

/// A plan that was accepted, in Swift's words, and what was asked, in C's.
final class LayerPlan {
  struct Parameter: Equatable {
    let name: String
    let shape: Shape
    let flags: UInt32
    let initializer: Int32
    let initialValue: Float
    let fanIn: UInt64
    let fanOut: UInt64
    let l2: Float

    var isTrainable: Bool { flags & WORKBENCH_NOT_TRAINABLE == 0 }
  }

  let question: LayerQuestion
  let request: LayerRequestMemory
  /// Extents as they are: shapes that cannot be are found by a check.
  let outputRank: Int
  let outputExtents: [UInt64]
  let parameters: [Parameter]
  let parameterCount: Int
  let flags: UInt32
  let savedBytes: UInt64
  let workspaceBytes: UInt64
  let persistentBytes: UInt64
  let flops: UInt64

  init(_ question: LayerQuestion, _ request: LayerRequestMemory, _ raw: workbench_layer_plan) {
    self.question = question
    self.request = request
    outputRank = Int(raw.output.rank)
    outputExtents = raw.output.allExtents.prefix(outputRank).map { $0 }
    parameterCount = Int(raw.parameter_count)
    parameters = request.parameters.prefix(parameterCount).map { Parameter($0.pointee) }
    flags = raw.flags
    savedBytes = raw.saved_bytes
    workspaceBytes = raw.workspace_bytes
    persistentBytes = raw.persistent_bytes
    flops = raw.flops
  }

  /// Bytes more than this are not tried.
  static let mostBytes: UInt64 = 1 << 28

  /// Whether the checks can run it: shapes that can be, and memory that there is.
  var isUsable: Bool { hindrance == nil }

  /// Why the checks cannot run it, with the numbers; nil when they can.
  var hindrance: String? {
    if parameterCount > Int(WORKBENCH_PARAMETERS_MAX) {
      return "it has \(parameterCount) parameters, but a layer can have \(WORKBENCH_PARAMETERS_MAX)"
    }
    if outputRank > Int(WORKBENCH_RANK_MAX) {
      return "its output has rank \(outputRank), but at most \(WORKBENCH_RANK_MAX) can be"
    }
    if !outputExtents.allSatisfy({ $0 >= 1 && $0 < 1 << 32 }) { return "its output shape \(outputExtents) cannot be" }
    if let parameter = parameters.first(where: { !$0.shape.dimensions.allSatisfy { $0 >= 1 } }) {
      return "the shape \(parameter.shape.dimensions) of its parameter '\(parameter.name)' cannot be"
    }
    let most = LayerPlan.mostBytes
    if totalCount >= most / 4 {
      return "inputs, output and parameters of a call have \(totalCount) numbers, but fewer than \(most / 4) are tried"
    }
    for (what, bytes) in [
      ("saved_bytes", savedBytes), ("workspace_bytes", workspaceBytes), ("persistent_bytes", persistentBytes),
    ] where bytes >= most {
      return "its \(what) = \(bytes), but less than \(most) is tried"
    }
    return nil
  }

  var output: Shape { Shape(outputExtents.map { Int(clamping: $0) }) }

  /// Numbers of a call: inputs, output and parameters.
  var totalCount: UInt64 {
    let activations = question.shapes.reduce(output.count) { $0 + $1.count }
    return UInt64(question.maximumBatch * activations + parameters.reduce(0) { $0 + $1.shape.count })
  }

  func has(_ flag: UInt32) -> Bool { flags & flag != 0 }

  var description: String { question.description }
}

extension LayerPlan.Parameter {
  init(_ raw: workbench_parameter) {
    name = raw.nameText
    shape = Shape(raw.shape.allExtents.prefix(Int(min(raw.shape.rank, 8))).map { Int(clamping: $0) })
    flags = raw.flags
    initializer = raw.initializer
    initialValue = raw.initial_value
    fanIn = raw.fan_in
    fanOut = raw.fan_out
    l2 = raw.l2
  }
}

extension workbench_shape {
  var allExtents: [UInt64] { withUnsafeBytes(of: extents) { Array($0.bindMemory(to: UInt64.self)) } }

  init(_ shape: Shape) {
    self.init()
    struct_size = UInt32(MemoryLayout<workbench_shape>.size)
    rank = UInt32(shape.rank)
    withUnsafeMutableBytes(of: &extents) { bytes in
      for (axis, extent) in shape.dimensions.prefix(8).enumerated() {
        bytes.storeBytes(of: UInt64(extent), toByteOffset: axis * 8, as: UInt64.self)
      }
    }
  }
}

extension workbench_parameter {
  /// What stands in `name`, up to its 0; all of it where there is none.
  var nameText: String {
    withUnsafeBytes(of: name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  var nameEnds: Bool { withUnsafeBytes(of: name) { $0.contains(0) } }

  mutating func setName(_ text: String) {
    withUnsafeMutableBytes(of: &name) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      for (index, byte) in text.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
    }
  }
}
