import Layers
import Tensors
import Testing

/// Runs one operation on arrays, as a plan would, and watches that it keeps to what it declares.
///
/// Memory that the operation has no claim on is filled with not-a-number: scratch memory before each call, inputs and
/// output before `backward` unless `backwardReads` names them, and a guard behind every array that it writes.
public struct OperationRunner {
  public let signature: LayerSignature
  public let request: OperationRequest
  public let operation: any Operation

  /// - Parameter operation: nil: what the layer makes for the request.
  public init(
    _ layer: any Layer, inputShapes: [Shape], maximumBatch: Int, isTraining: Bool = true,
    needsInputGradient: Bool = true, workerCount: Int = 1, operation: (any Operation)? = nil
  ) throws {
    signature = try layer.signature(for: inputShapes)
    request = OperationRequest(
      inputShapes: inputShapes, maximumBatch: maximumBatch, isTraining: isTraining,
      needsInputGradient: needsInputGradient, workerCount: workerCount)
    self.operation = try operation ?? layer.makeOperation(request)
  }

  /// For an operation that stands for several layers: the signature names the last shape and all parameters.
  public init(_ operation: any Operation, signature: LayerSignature, request: OperationRequest) {
    self.operation = operation
    self.signature = signature
    self.request = request
  }

  public struct Result {
    public var output: [Float] = []
    /// Empty without an output gradient.
    public var inputGradients: [[Float]] = []
    /// Parallel to the parameters; empty where the parameter is not trainable or was frozen.
    public var parameterGradients: [[Float]] = []
    /// After `forward`: running statistics change.
    public var parameters: [[Float]] = []
  }

  public enum Aliasing: Sendable {
    case none
    /// `output` is `inputs[0]`.
    case forward
    /// `inputGradients[0]` is `outputGradient`.
    case backward
    /// `inputGradients[0]` is `inputs[0]`.
    case inputGradientOverInput
  }

  /// - Parameters:
  ///   - inputs: each `batch` examples.
  ///   - outputGradient: nil: only `forward` is run.
  ///   - frozen: indices of parameters whose gradients are not asked for.
  public func run(
    inputs: [[Float]], parameters: [[Float]] = [], outputGradient: [Float]? = nil, batch: Int? = nil,
    aliasing: Aliasing = .none, frozen: Set<Int> = [], randomKey: RandomKey = RandomKey(seed: 1),
    samples: [Int]? = nil
  ) -> Result {
    let batch = batch ?? request.maximumBatch
    let outputCount = batch * signature.outputShape.count
    let pool = WorkerPool.shared(workerCount: request.workerCount)
    let inputBlocks = inputs.map { Block($0) }
    let parameterBlocks = parameters.map { Block($0) }
    let saved = Block(nan: operation.savedCount)
    let workspace = Block(nan: operation.workspaceCount)
    let persistent = Block(nan: operation.persistentCount)
    let output = aliasing == .forward ? inputBlocks[0] : Block(nan: outputCount)
    // Only pointers are handed on: the blocks must outlive the calls.
    defer { withExtendedLifetime((inputBlocks, parameterBlocks, workspace, persistent, saved, output)) {} }

    var frame = Frame(batch: batch, pool: pool, randomKey: randomKey, samples: samples ?? Array(0..<batch))
    frame.parameters = parameterBlocks.map(\.pointer)
    frame.workspace = workspace.pointer
    frame.persistent = persistent.pointer
    report { () throws(OperationError) in try operation.prepare(frame) }
    workspace.poison()
    frame.inputs = inputBlocks.map { UnsafePointer($0.pointer) }
    frame.output = output.pointer
    frame.saved = saved.pointer
    report { () throws(OperationError) in try operation.forward(frame) }

    var result = Result()
    result.output = Array(output.values.prefix(outputCount))
    result.parameters = parameterBlocks.map(\.values)
    var written = [saved, workspace, persistent, output] + parameterBlocks

    if let outputGradient {
      workspace.poison()
      let reads = operation.backwardReads
      for (index, block) in inputBlocks.enumerated() where !reads.contains(.inputs) {
        if aliasing == .forward, index == 0, reads.contains(.output) { continue }
        block.poison()
      }
      if aliasing != .forward, !reads.contains(.output) { output.poison() }
      let gradient = Block(outputGradient)
      let inputGradients = inputs.indices.map { index in
        if index == 0, aliasing == .backward { return gradient }
        if index == 0, aliasing == .inputGradientOverInput { return inputBlocks[0] }
        return Block(nan: inputs[index].count)
      }
      let parameterGradients = parameters.enumerated().map { index, values in
        signature.parameters[index].isTrainable && !frozen.contains(index) ? Block(nan: values.count) : nil
      }
      frame.outputGradient = gradient.pointer
      frame.inputGradients = inputGradients.map { request.needsInputGradient ? $0.pointer : nil }
      frame.parameterGradients = parameterGradients.map { $0?.pointer }
      withExtendedLifetime((gradient, inputGradients, parameterGradients)) {
        report { () throws(OperationError) in try operation.backward(frame) }
      }
      result.inputGradients = zip(inputGradients, inputs).map { Array($0.values.prefix($1.count)) }
      result.parameterGradients = parameterGradients.map { $0?.values ?? [] }
      written += [gradient] + inputGradients + parameterGradients.compactMap(\.self)
    }
    // The frame holds pointers, which do not keep the blocks.
    withExtendedLifetime(inputBlocks) {}
    for block in written where !block.guardIsIntact {
      Issue.record("\(type(of: operation)) wrote behind the end of an array of \(block.count)")
    }
    return result
  }

  /// Operations that tests run like this are not to fail.
  private func report(_ call: () throws(OperationError) -> Void) {
    do throws(OperationError) { try call() } catch { Issue.record("\(type(of: operation)): \(error)") }
  }

  /// Values for the parameters as the layer's initialisers make them.
  public func initialParameters(seed: Int = 1) -> [[Float]] {
    signature.parameters.map { spec in
      let tensor = Tensor(spec.shape)
      spec.initializer.fill(
        tensor, fanIn: spec.fanIn, fanOut: spec.fanOut, key: RandomKey(seed: seed).deriving(spec.name))
      return tensor.values
    }
  }
}

extension WorkerPool {
  private static let pools = [WorkerPool(workerCount: 1), WorkerPool(workerCount: 2), WorkerPool(workerCount: 3)]

  /// One pool for all tests that want this many workers.
  public static func shared(workerCount: Int) -> WorkerPool {
    workerCount <= pools.count ? pools[workerCount - 1] : WorkerPool(workerCount: workerCount)
  }
}

/// An array with a guard behind it.
private final class Block {
  static let guardCount = 64
  static let guardBits: UInt32 = 0x7fc0_ab1e

  let count: Int
  let tensor: Tensor

  var pointer: UnsafeMutablePointer<Float> { tensor.pointer }

  init(_ values: [Float]) {
    count = values.count
    tensor = Tensor([values.count + Block.guardCount])
    for i in 0..<count { tensor[i] = values[i] }
    for i in 0..<Block.guardCount { tensor[count + i] = Float(bitPattern: Block.guardBits) }
  }

  convenience init(nan count: Int) { self.init([Float](repeating: .nan, count: count)) }

  var values: [Float] { (0..<count).map { tensor[$0] } }

  func poison() { for i in 0..<count { tensor[i] = .nan } }

  var guardIsIntact: Bool {
    (0..<Block.guardCount).allSatisfy { tensor[count + $0].bitPattern == Block.guardBits }
  }
}
