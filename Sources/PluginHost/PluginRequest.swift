import CWorkbenchPlugin
import Layers

/// What a plugin's layer is planned for, as it reads it. Owns the memory behind `pointer`.
public final class PluginRequest: @unchecked Sendable {
  /// Valid as long as this object.
  public let pointer: UnsafePointer<workbench_layer_request>
  public let request: OperationRequest

  private let table: UnsafeMutablePointer<workbench_layer_request>
  private let shapes: UnsafeMutableBufferPointer<workbench_shape>
  private let list: UnsafeMutableBufferPointer<UnsafePointer<workbench_shape>?>
  private let options: PluginOptions

  public init(_ request: OperationRequest, options: PluginOptions) {
    self.request = request
    self.options = options
    let count = request.inputShapes.count
    shapes = .allocate(capacity: count)
    list = .allocate(capacity: count)
    for (index, shape) in request.inputShapes.enumerated() {
      shapes.initializeElement(at: index, to: workbench_shape(shape))
      list.initializeElement(at: index, to: UnsafePointer(shapes.baseAddress! + index))
    }
    table = .allocate(capacity: 1)
    table.initialize(
      to: workbench_layer_request(
        struct_size: UInt32(MemoryLayout<workbench_layer_request>.size), input_count: UInt32(count),
        inputs: UnsafePointer(list.baseAddress), options: options.pointer,
        maximum_batch: UInt32(clamping: request.maximumBatch), worker_count: UInt32(clamping: request.workerCount),
        is_training: request.isTraining ? 1 : 0, needs_input_gradient: request.needsInputGradient ? 1 : 0))
    pointer = UnsafePointer(table)
  }

  deinit {
    shapes.deallocate()
    list.deallocate()
    table.deallocate()
  }
}
