import CWorkbenchPlugin
import Layers
import Networks
import Tensors

/// What a plugin's `plan` or `claim` answers, checked.
public struct PluginPlan: Sendable {
  public let outputShape: Shape
  public let parameters: [ParameterSpec]
  public let flags: UInt32
  /// Floats, rounded up.
  public let savedCount: Int
  public let workspaceCount: Int
  public let persistentCount: Int
  public let flops: Int

  /// Why there is no plan.
  public enum Failure: Error, Equatable, Sendable {
    /// The plugin refused, with its sentence.
    case refused(status: Int32, reason: String)
    /// The plugin answers what cannot be.
    case faulty(String)

    public var reason: String {
      switch self {
      case .refused(_, let reason), .faulty(let reason): reason
      }
    }
  }

  /// `plan` or `claim` of a plugin, with its own type's pointer given.
  public typealias Function = (
    UnsafePointer<workbench_layer_request>, UnsafeMutablePointer<workbench_layer_plan>, UnsafeMutablePointer<CChar>, Int
  ) -> workbench_status

  /// More bytes than this are taken for a mistake.
  static let mostBytes: UInt64 = 1 << 44

  /// Asks the plugin.
  ///
  /// - Parameters:
  ///   - given: what stands in the plan when the plugin gets it, and cannot be changed: for overrides.
  ///   - isInferenceOnly: no parameter learns then.
  public init(
    _ request: PluginRequest, given: LayerSignature? = nil, isInferenceOnly: Bool = false, _ function: Function
  ) throws(Failure) {
    let table = Table(given)
    let (status, message) = MessageBuffer.with { buffer in
      let status = function(request.pointer, table.plan, buffer, MessageBuffer.byteCount)
      return (status, MessageBuffer.text(buffer, fallback: MessageBuffer.sentence(of: status)))
    }
    guard Int(status) == Int(WORKBENCH_OK) else { throw .refused(status: status, reason: message) }
    let raw = table.plan.pointee
    if let given {
      outputShape = given.outputShape
      parameters = given.parameters
    } else {
      guard let shape = raw.output.checked(limit: NetworkBuilder.maximumElements) else {
        throw .faulty("its output shape \(raw.output.text) cannot be")
      }
      outputShape = shape
      parameters = try PluginPlan.parameters(table, count: raw.parameter_count, isInferenceOnly: isInferenceOnly)
    }
    flags = raw.flags
    if raw.flags & WORKBENCH_IS_IDENTITY != 0, outputShape.count != request.request.inputShapes[0].count {
      throw .faulty("it says that its output is its input, but \(outputShape) is not \(request.request.inputShapes[0])")
    }
    savedCount = try PluginPlan.floats(raw.saved_bytes, "saved_bytes")
    workspaceCount = try PluginPlan.floats(raw.workspace_bytes, "workspace_bytes")
    persistentCount = try PluginPlan.floats(raw.persistent_bytes, "persistent_bytes")
    flops = Int(clamping: raw.flops)
  }

  public func has(_ flag: UInt32) -> Bool { flags & flag != 0 }

  private static func floats(_ bytes: UInt64, _ what: String) throws(Failure) -> Int {
    guard bytes <= mostBytes else { throw .faulty("its \(what) = \(bytes) cannot be") }
    return Int((bytes + 3) / 4)
  }

  /// The memory that the plugin fills in.
  final class Table {
    let plan: UnsafeMutablePointer<workbench_layer_plan>
    let parameters: UnsafeMutablePointer<workbench_parameter>
    private let list: UnsafeMutablePointer<UnsafeMutablePointer<workbench_parameter>?>

    private static let capacity = Int(WORKBENCH_PARAMETERS_MAX)

    init(_ given: LayerSignature?) {
      parameters = .allocate(capacity: Table.capacity)
      list = .allocate(capacity: Table.capacity)
      plan = .allocate(capacity: 1)
      for index in 0..<Table.capacity {
        var parameter = workbench_parameter()
        if let given, index < given.parameters.count { parameter = workbench_parameter(given.parameters[index]) }
        parameter.struct_size = UInt32(MemoryLayout<workbench_parameter>.size)
        parameter.shape.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
        (parameters + index).initialize(to: parameter)
        (list + index).initialize(to: parameters + index)
      }
      var raw = workbench_layer_plan()
      raw.struct_size = UInt32(MemoryLayout<workbench_layer_plan>.size)
      raw.output = given.map { workbench_shape($0.outputShape) } ?? workbench_shape()
      raw.output.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
      raw.parameter_count = UInt32(given?.parameters.count ?? 0)
      raw.parameters = UnsafePointer(list)
      plan.initialize(to: raw)
    }

    deinit {
      parameters.deallocate()
      list.deallocate()
      plan.deallocate()
    }
  }
}
