import CWorkbenchPlugin
import Layers
import Synchronization
import Tensors

/// Calls the functions of a plugin's layer. The structs that they get are made once and reused in every call.
final class PluginOperation: Operation {
  struct Functions {
    let prepare: workbench_layer_function?
    let forward: workbench_layer_function?
    let backward: workbench_layer_function?
  }

  let backwardReads: BackwardReads
  let savedCount: Int
  let workspaceCount: Int
  let persistentCount: Int
  let canRunForwardInPlace: Bool
  let canRunBackwardInPlace: Bool
  let canOverwriteInputWithInputGradient: Bool

  private let plugin: String
  private let functions: Functions
  private let isTraining: Bool
  private let inputCounts: [Int]
  private let message: UnsafeMutablePointer<CChar>
  private let call: UnsafeMutablePointer<workbench_layer_call>
  private let inputs: UnsafeMutablePointer<UnsafePointer<Float>?>
  private let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  private let inputGradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  private let parameterGradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  private let parameterCount: Int
  /// Kept alive: the plugin reads it in every call.
  private let request: PluginRequest
  /// Whether a `parallel_for` is running, and whether one was asked for within it.
  private let isSharing = Atomic<Bool>(false)
  private let isNested = Atomic<Bool>(false)
  /// Of the running call.
  private unowned(unsafe) var pool: WorkerPool?
  /// Copies of inputs that are not aligned as the header promises; nil where none was needed.
  private var alignedInputs: [Tensor?]

  init(plugin: String, request: PluginRequest, plan: PluginPlan, functions: Functions) {
    self.plugin = plugin
    self.request = request
    self.functions = functions
    isTraining = request.request.isTraining
    inputCounts = request.request.inputShapes.map(\.count)
    var reads: BackwardReads = []
    if plan.has(WORKBENCH_READS_INPUTS) { reads.insert(.inputs) }
    if plan.has(WORKBENCH_READS_OUTPUT) { reads.insert(.output) }
    backwardReads = reads
    savedCount = plan.savedCount
    workspaceCount = plan.workspaceCount
    persistentCount = plan.persistentCount
    canRunForwardInPlace = plan.has(WORKBENCH_FORWARD_IN_PLACE)
    canRunBackwardInPlace = plan.has(WORKBENCH_BACKWARD_IN_PLACE)
    canOverwriteInputWithInputGradient = plan.has(WORKBENCH_OVERWRITES_INPUT)
    parameterCount = plan.parameters.count
    alignedInputs = Array(repeating: nil, count: inputCounts.count)

    message = .allocate(capacity: MessageBuffer.byteCount)
    message.initialize(repeating: 0, count: MessageBuffer.byteCount)
    inputs = .allocate(capacity: inputCounts.count)
    inputs.initialize(repeating: nil, count: inputCounts.count)
    inputGradients = .allocate(capacity: inputCounts.count)
    inputGradients.initialize(repeating: nil, count: inputCounts.count)
    parameters = .allocate(capacity: max(1, parameterCount))
    parameters.initialize(repeating: nil, count: max(1, parameterCount))
    parameterGradients = .allocate(capacity: max(1, parameterCount))
    parameterGradients.initialize(repeating: nil, count: max(1, parameterCount))
    call = .allocate(capacity: 1)
    call.initialize(to: workbench_layer_call())
    call.pointee.struct_size = UInt32(MemoryLayout<workbench_layer_call>.size)
    call.pointee.request = request.pointer
    call.pointee.parallel_for = { call, count, body, context in
      guard let body, let data = call?.pointee.host_data else { return }
      Unmanaged<PluginOperation>.fromOpaque(data).takeUnretainedValue().share(count, body, context)
    }
    call.pointee.host_data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    message.deallocate()
    call.deallocate()
    inputs.deallocate()
    parameters.deallocate()
    inputGradients.deallocate()
    parameterGradients.deallocate()
  }

  func prepare(_ frame: Frame) throws(OperationError) {
    guard let prepare = functions.prepare else { return }
    setMemory(frame)
    call.pointee.batch = 0
    call.pointee.inputs = nil
    call.pointee.output = nil
    call.pointee.saved = nil
    clearGradients()
    try run(prepare, "prepare", frame, samples: nil)
  }

  func forward(_ frame: Frame) throws(OperationError) {
    guard let forward = functions.forward else { return }
    setMemory(frame)
    for index in inputCounts.indices { inputs[index] = aligned(frame.inputs[index], index, batch: frame.batch) }
    call.pointee.inputs = UnsafePointer(inputs)
    call.pointee.output = frame.output
    clearGradients()
    try runOnSamples(forward, "forward", frame)
  }

  func backward(_ frame: Frame) throws(OperationError) {
    guard let backward = functions.backward else { return }
    setMemory(frame)
    let readsInputs = backwardReads.contains(.inputs)
    for index in inputCounts.indices {
      inputs[index] = readsInputs ? aligned(frame.inputs[index], index, batch: frame.batch) : nil
      inputGradients[index] = frame.inputGradients[index]
    }
    for index in 0..<parameterCount { parameterGradients[index] = frame.parameterGradients[index] }
    call.pointee.inputs = UnsafePointer(inputs)
    call.pointee.output = backwardReads.contains(.output) ? frame.output : nil
    call.pointee.output_gradient = frame.outputGradient
    call.pointee.input_gradients = UnsafePointer(inputGradients)
    call.pointee.parameter_gradients = UnsafePointer(parameterGradients)
    try runOnSamples(backward, "backward", frame)
  }

  /// What every call has.
  private func setMemory(_ frame: Frame) {
    call.pointee.batch = UInt32(truncatingIfNeeded: frame.batch)
    for index in 0..<parameterCount { parameters[index] = frame.parameters[index] }
    call.pointee.parameters = UnsafePointer(parameters)
    call.pointee.saved = savedCount > 0 ? UnsafeMutableRawPointer(frame.saved) : nil
    call.pointee.workspace = workspaceCount > 0 ? UnsafeMutableRawPointer(frame.workspace) : nil
    call.pointee.persistent = persistentCount > 0 ? UnsafeMutableRawPointer(frame.persistent) : nil
    call.pointee.random_key = frame.randomKey.bits
  }

  private func clearGradients() {
    call.pointee.output_gradient = nil
    call.pointee.input_gradients = nil
    call.pointee.parameter_gradients = nil
  }

  private func runOnSamples(
    _ function: workbench_layer_function, _ name: String, _ frame: Frame
  ) throws(OperationError) {
    guard isTraining, frame.samples.count >= frame.batch else {
      return try run(function, name, frame, samples: nil)
    }
    let failure: OperationError? = frame.samples.withUnsafeBufferPointer { samples in
      // An Int that is not negative has the bits of the UInt64.
      let numbers = UnsafeRawPointer(samples.baseAddress)?.assumingMemoryBound(to: UInt64.self)
      do throws(OperationError) { try run(function, name, frame, samples: numbers) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  private func run(
    _ function: workbench_layer_function, _ name: String, _ frame: Frame, samples: UnsafePointer<UInt64>?
  ) throws(OperationError) {
    call.pointee.samples = samples
    message[0] = 0
    pool = frame.pool
    let status = function(UnsafePointer(call), message, MessageBuffer.byteCount)
    pool = nil
    if isNested.exchange(false, ordering: .relaxed) {
      throw OperationError(plugin: plugin, call: name, reason: "it calls parallel_for within parallel_for")
    }
    if Int(status) == Int(WORKBENCH_OK) { return }
    throw OperationError(
      plugin: plugin, call: name,
      reason: MessageBuffer.text(message, fallback: MessageBuffer.sentence(of: status)))
  }

  private func share(
    _ count: UInt64, _ body: @convention(c) (UnsafeMutableRawPointer?, UInt64, UInt32) -> Void,
    _ context: UnsafeMutableRawPointer?
  ) {
    if isSharing.exchange(true, ordering: .relaxed) {
      // The pool's threads would wait for themselves. The header forbids it; the call has failed.
      return isNested.store(true, ordering: .relaxed)
    }
    defer { isSharing.store(false, ordering: .relaxed) }
    nonisolated(unsafe) let context = context
    pool?.forEachTile(Int(clamping: count)) { index, worker in body(context, UInt64(index), UInt32(worker)) }
  }

  /// The input, or a copy of it where it is not aligned to 64 bytes: pixels that stand in the middle of an array.
  private func aligned(
    _ input: UnsafePointer<Float>, _ index: Int, batch: Int
  ) -> UnsafePointer<Float> {
    if Int(bitPattern: input) & 63 == 0 { return input }
    let copy = alignedInputs[index] ?? Tensor([request.request.maximumBatch * inputCounts[index]])
    alignedInputs[index] = copy
    copy.pointer.update(from: input, count: batch * inputCounts[index])
    return UnsafePointer(copy.pointer)
  }
}
