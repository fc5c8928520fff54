import Layers
import Tensors

/// How a plan is made; anything but the default is for tests and for finding faults.
package struct PlanOptions: Sendable {
  package var fuses = true
  package var reusesMemory = true
  /// Fills the arena with NaN before each `forward`, so that a number that nobody wrote shows.
  package var poisons = false

  package init(fuses: Bool = true, reusesMemory: Bool = true, poisons: Bool = false) {
    self.fuses = fuses
    self.reusesMemory = reusesMemory
    self.poisons = poisons
  }
}

/// The steps of a plan with their memory: makes the frames, and runs them.
final class PlanExecutor {
  let network: Network
  let plan: PlanSteps
  let layout: PlanLayout
  let arena: Arena
  private let persistent = Arena()
  private let parameters: ParameterSet
  private let gradients: [Tensor?]
  private let pool: WorkerPool
  private let options: PlanOptions
  private var frames: [Frame] = []
  /// Where the arena was when `frames` were made.
  private var base: UnsafeMutablePointer<Float>?

  /// - Parameter gradients: parallel to the parameters' entries; empty for inference.
  /// - Throws: `NetworkError.outOfMemory`, `.noBackward`, `.operation`.
  init(
    network: Network, parameters: ParameterSet, purpose: PlanGraph.Purpose, batch: Int, pool: WorkerPool,
    arena: Arena, gradients: [Tensor?], options: PlanOptions
  ) throws(NetworkError) {
    precondition(batch >= 1, "a plan for a batch of \(batch)")
    let what = "\(purpose == .training ? "training" : "inference") with a batch of \(batch)"
    try PlanExecutor.checkSize(network, batch: batch, what: what)
    plan = try PlanSteps(
      network: network, parameters: ParameterFacts(parameters), purpose: purpose, batch: batch,
      workerCount: pool.workerCount, fuses: options.fuses)
    layout = PlanLayout(
      plan, batch: batch, isTraining: purpose == .training, logitsCount: network.classCount,
      reuses: options.reusesMemory)
    try arena.reserve(layout.memory.count, for: what)
    try persistent.reserve(plan.persistentCount, for: what)
    self.network = network
    self.parameters = parameters
    self.arena = arena
    self.gradients = gradients
    self.pool = pool
    self.options = options
  }

  /// Refuses a batch with which sizes would no longer fit into an integer.
  private static func checkSize(_ network: Network, batch: Int, what: String) throws(NetworkError) {
    let largest = network.nodes.reduce(1) { max($0, $1.shape.count) }
    let (count, overflow) = largest.multipliedReportingOverflow(by: batch)
    if !overflow, count <= 1 << 44 { return }
    throw .outOfMemory(
      what: what, needed: overflow ? .max / 2 : min(count, .max / 8) * 4, available: Arena.availableBytes)
  }

  var arenaBytes: Int { layout.memory.count * MemoryLayout<Float>.stride }
  var persistentBytes: Int { persistent.bytes }

  /// - Parameter onlyLearning: leave out the steps whose parameters no optimizer changes.
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  func prepare(onlyLearning: Bool) throws(NetworkError) {
    makeFrames()
    for (index, step) in plan.steps.enumerated() where step.learns || !onlyLearning {
      do throws(OperationError) { try step.operation.prepare(frames[index]) } catch { throw failure(of: step, error) }
    }
  }

  /// - Parameter afterStep: called after each step, when its output is there.
  /// - Returns: the logits.
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  func forward(
    pixels: UnsafePointer<Float>, count: Int, randomKey: RandomKey, samples: [Int],
    afterStep: ((PlanStep, UnsafePointer<Float>) -> Bool)? = nil
  ) throws(NetworkError) -> UnsafeMutablePointer<Float> {
    for (index, step) in plan.steps.enumerated() {
      frames[index].batch = count
      frames[index].samples = samples
      frames[index].randomKey = randomKey.deriving(network.nodes[step.nodes[0]].name)
      for (position, input) in step.inputs.enumerated() where input == nil { frames[index].inputs[position] = pixels }
      do throws(OperationError) { try step.operation.forward(frames[index]) } catch { throw failure(of: step, error) }
      if let afterStep, !afterStep(step, frames[index].output) { break }
    }
    guard let logits = plan.logitsStep else { return UnsafeMutablePointer(mutating: pixels) }
    return pointer(layout.places[logits].output)
  }

  /// Call after `forward`, with the gradient in `logitsGradient`.
  ///
  /// - Throws: `NetworkError.operation` when a plugin's layer fails.
  func backward() throws(NetworkError) {
    for (index, step) in plan.steps.enumerated().reversed() where step.runsBackward {
      var frame = frames[index]
      let places = layout.places[index]
      frame.workspace = pointer(places.backwardWorkspace)
      frame.outputGradient = pointer(places.outputGradient)
      frame.inputGradients = places.inputGradients.map { $0.map(pointer) }
      frame.parameterGradients = step.entries.map { gradients[$0]?.pointer }
      do throws(OperationError) { try step.operation.backward(frame) } catch { throw failure(of: step, error) }
      for (position, sum) in places.addsTo.enumerated() {
        guard let sum, let written = places.inputGradients[position] else { continue }
        add(pointer(written), to: pointer(sum), count: step.inputCounts[position] * frame.batch, pool: pool)
      }
    }
  }

  var logitsGradient: UnsafeMutablePointer<Float> { pointer(layout.logitsGradient) }

  private func failure(of step: PlanStep, _ error: OperationError) -> NetworkError {
    let node = network.nodes[step.nodes[0]]
    return .operation(name: node.name, type: node.typeName, error)
  }

  func names(of step: PlanStep) -> [String] { step.nodes.map { network.nodes[$0].name } }

  private func pointer(_ buffer: Int) -> UnsafeMutablePointer<Float> {
    arena.pointer + layout.memory.buffers[buffer].offset
  }

  /// Frames with all pointers but the pixels'. Made anew when the arena has moved.
  private func makeFrames() {
    if options.poisons { arena.pointer.update(repeating: .nan, count: layout.memory.count) }
    if base == arena.pointer { return }
    base = arena.pointer
    frames = []
    var persistentOffset = 0
    for (index, step) in plan.steps.enumerated() {
      let places = layout.places[index]
      var frame = Frame(batch: 1, pool: pool)
      frame.inputs = step.inputs.map { UnsafePointer($0.map { pointer(layout.places[$0].output) } ?? arena.pointer) }
      frame.output = pointer(places.output)
      frame.parameters = step.entries.map { parameters.entries[$0].tensor.pointer }
      frame.saved = pointer(places.saved)
      frame.workspace = pointer(places.forwardWorkspace)
      frame.persistent = persistent.pointer + persistentOffset
      persistentOffset += (step.operation.persistentCount + 15) / 16 * 16
      frames.append(frame)
    }
  }
}
