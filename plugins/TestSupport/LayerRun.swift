import CWorkbenchPlugin
import Foundation

/// A plugin's layer planned for one input, and its two calls.
public final class LayerRun {
  private let type: UnsafePointer<workbench_layer_type>
  private let options: OptionValues
  private let arena = Arena()
  private let request: UnsafeMutablePointer<workbench_layer_request>
  public private(set) var plan: workbench_layer_plan
  public let outputShape: [Int]
  public let parameters: [(name: String, shape: [Int], initial: Float, flags: UInt32)]
  private let batch: Int
  private let isThreaded: Bool

  /// - Parameters:
  ///   - input: the shape of one example.
  ///   - isThreaded: runs the bodies of `parallel_for` on all cores, instead of one after the other, last first.
  public init(
    _ type: UnsafePointer<workbench_layer_type>, _ given: [String: OptionValues.Value] = [:], input: [Int], batch: Int,
    isThreaded: Bool = false
  ) throws {
    self.type = type
    self.batch = batch
    self.isThreaded = isThreaded
    options = OptionValues(type.pointee.options, count: type.pointee.option_count, given)

    let shape = arena.one(workbench_shape())
    shape.pointee.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
    shape.pointee.rank = UInt32(input.count)
    withUnsafeMutableBytes(of: &shape.pointee.extents) { bytes in
      for (axis, extent) in input.enumerated() {
        bytes.storeBytes(of: UInt64(extent), toByteOffset: 8 * axis, as: UInt64.self)
      }
    }
    request = arena.one(workbench_layer_request())
    request.pointee.struct_size = UInt32(MemoryLayout<workbench_layer_request>.size)
    request.pointee.input_count = 1
    request.pointee.inputs = UnsafePointer(arena.one(Optional(UnsafePointer(shape))))
    request.pointee.options = options.pointer
    request.pointee.maximum_batch = UInt32(batch)
    request.pointee.worker_count = isThreaded ? 8 : 1
    request.pointee.is_training = 1
    request.pointee.needs_input_gradient = 1

    var plan = workbench_layer_plan()
    plan.struct_size = UInt32(MemoryLayout<workbench_layer_plan>.size)
    plan.output.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
    let arena = arena
    let slots = (0..<Int(WORKBENCH_PARAMETERS_MAX)).map { _ in
      let slot = arena.one(workbench_parameter())
      slot.pointee.struct_size = UInt32(MemoryLayout<workbench_parameter>.size)
      slot.pointee.shape.struct_size = UInt32(MemoryLayout<workbench_shape>.size)
      return slot
    }
    plan.parameters = UnsafePointer(arena.list(slots.map(Optional.init)))
    let request = request
    try checked { type.pointee.plan(type, request, &plan, $0, $1) }
    self.plan = plan
    outputShape = extents(plan.output)
    parameters = slots.prefix(Int(plan.parameter_count)).map { slot in
      let name = withUnsafeBytes(of: slot.pointee.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      return (name, extents(slot.pointee.shape), slot.pointee.initial_value, slot.pointee.flags)
    }
  }

  public func forward(_ input: [Float], parameters: [[Float]]) throws -> [Float] {
    let memory = Arena()
    let output = memory.floats([Float](repeating: .nan, count: batch * outputShape.reduce(1, *)))
    var call = call(memory, memory.floats(input), output.baseAddress, parameters)
    try checked { type.pointee.forward(&call, $0, $1) }
    return Array(output)
  }

  /// - Parameter isOverInput: lets the input's gradient lie where the input does.
  public func backward(
    _ input: [Float], output: [Float], outputGradient: [Float], parameters: [[Float]], isOverInput: Bool = false
  ) throws -> (input: [Float], parameters: [[Float]]) {
    let memory = Arena()
    let place = memory.floats(input)
    let gradient = isOverInput ? place : memory.floats([Float](repeating: .nan, count: input.count))
    var call = call(memory, place, memory.floats(output).baseAddress, parameters)
    call.output_gradient = memory.floats(outputGradient).baseAddress
    call.input_gradients = UnsafePointer(memory.list([gradient.baseAddress]))
    let gradients = parameters.map { memory.floats([Float](repeating: .nan, count: $0.count)) }
    call.parameter_gradients = UnsafePointer(memory.list(gradients.map(\.baseAddress)))
    try checked { type.pointee.backward(&call, $0, $1) }
    return (Array(gradient), gradients.map(Array.init))
  }

  private func call(
    _ memory: Arena, _ input: UnsafeMutableBufferPointer<Float>, _ output: UnsafeMutablePointer<Float>?,
    _ parameters: [[Float]]
  ) -> workbench_layer_call {
    var call = workbench_layer_call()
    call.struct_size = UInt32(MemoryLayout<workbench_layer_call>.size)
    call.batch = UInt32(batch)
    call.request = UnsafePointer(request)
    call.inputs = UnsafePointer(memory.list([UnsafePointer(input.baseAddress)]))
    call.output = output
    call.parameters = UnsafePointer(memory.list(parameters.map { memory.floats($0).baseAddress }))
    if plan.saved_bytes > 0 { call.saved = memory.bytes(Int(plan.saved_bytes)) }
    if plan.workspace_bytes > 0 { call.workspace = memory.bytes(Int(plan.workspace_bytes)) }
    if isThreaded {
      call.parallel_for = { call, count, body, context in
        // The bodies write to places of their own; that is what the test is about.
        nonisolated(unsafe) let context = context
        DispatchQueue.concurrentPerform(iterations: Int(count)) { body?(context, UInt64($0), UInt32($0 % 8)) }
      }
    } else {
      call.parallel_for = { call, count, body, context in
        for index in (0..<count).reversed() { body?(context, index, 0) }
      }
    }
    return call
  }
}

/// Memory that lives as long as the arena, arrays aligned to 64 bytes.
private final class Arena {
  private var owned: [UnsafeMutableRawPointer] = []

  func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(1, count), alignment: 64)
    owned.append(pointer)
    return pointer
  }

  func list<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutablePointer<T> {
    let place = bytes(values.count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: values.count)
    for (index, value) in values.enumerated() { (place + index).initialize(to: value) }
    return place
  }

  func one<T: BitwiseCopyable>(_ value: T) -> UnsafeMutablePointer<T> { list([value]) }

  func floats(_ values: [Float]) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: list(values), count: values.count)
  }

  deinit { for pointer in owned { pointer.deallocate() } }
}

private func extents(_ shape: workbench_shape) -> [Int] {
  withUnsafeBytes(of: shape.extents) { bytes in
    (0..<Int(shape.rank)).map { Int(bytes.load(fromByteOffset: 8 * $0, as: UInt64.self)) }
  }
}
