import Tensors

/// The computation of one layer, or of several fused ones, for fixed shapes and up to a fixed batch.
///
/// The network's plan owns all memory. It reads the requirements below once, lays everything out in one arena, and then
/// calls `prepare`, `forward` and `backward` with the pointers in a `Frame`. Only operations of plugins throw.
///
///     forward:  inputs, parameters            -> output, saved
///     backward: outputGradient, inputs?, output?, saved, parameters -> inputGradients, parameterGradients
public protocol Operation: AnyObject {
  /// Which activations `backward` reads. The plan keeps these alive; all others are dead after their last reader.
  var backwardReads: BackwardReads { get }
  /// Floats that live from `forward` to the same step's `backward` (dropout masks, batch statistics).
  var savedCount: Int { get }
  /// Floats of scratch memory valid during one call.
  var workspaceCount: Int { get }
  /// Floats that live as long as the plan: packed weights. Filled by `prepare`.
  var persistentCount: Int { get }
  /// True when `output` may be the same memory as `inputs[0]` in `forward`.
  var canRunForwardInPlace: Bool { get }
  /// True when `inputGradients[0]` may be the same memory as `outputGradient` in `backward`.
  var canRunBackwardInPlace: Bool { get }
  /// True when `inputGradients[0]` may be the same memory as `inputs[0]` in `backward`.
  var canOverwriteInputWithInputGradient: Bool { get }

  /// Called once after the parameters have changed, before the next `forward`: pack weights, fold statistics.
  /// Only `parameters`, `persistent`, `workspace` and `pool` of the frame are valid.
  func prepare(_ frame: Frame) throws(OperationError)

  /// Writes every element of `output` for `frame.batch` examples.
  func forward(_ frame: Frame) throws(OperationError)

  /// Writes (does not add to) every element of each `inputGradients` that is not nil and of each `parameterGradients`
  /// that is not nil. May overwrite `outputGradient`.
  func backward(_ frame: Frame) throws(OperationError)
}

extension Operation {
  public var backwardReads: BackwardReads { [] }
  public var savedCount: Int { 0 }
  public var workspaceCount: Int { 0 }
  public var persistentCount: Int { 0 }
  public var canRunForwardInPlace: Bool { false }
  public var canRunBackwardInPlace: Bool { false }
  public var canOverwriteInputWithInputGradient: Bool { false }
  public func prepare(_ frame: Frame) {}
}

public struct BackwardReads: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let inputs = BackwardReads(rawValue: 1)
  public static let output = BackwardReads(rawValue: 2)
}

/// The memory that one call of an operation works on. Arrays are `[batch] + shape`, row-major, NHWC, float32.
public struct Frame {
  /// Examples in this call: 1 ... the request's `maximumBatch`.
  public var batch: Int
  public var inputs: [UnsafePointer<Float>] = []
  public var output: UnsafeMutablePointer<Float>! = nil
  /// In the order of `LayerSignature.parameters`; for fused layers, one layer's after the other's.
  /// Running statistics are written by `forward` in training.
  public var parameters: [UnsafeMutablePointer<Float>] = []
  public var saved: UnsafeMutablePointer<Float>! = nil
  public var workspace: UnsafeMutablePointer<Float>! = nil
  public var persistent: UnsafeMutablePointer<Float>! = nil

  // Backward only.
  public var outputGradient: UnsafeMutablePointer<Float>! = nil
  /// One for each input; nil where nobody wants it.
  public var inputGradients: [UnsafeMutablePointer<Float>?] = []
  /// One for each parameter; nil for running statistics and frozen parameters.
  public var parameterGradients: [UnsafeMutablePointer<Float>?] = []

  public var pool: WorkerPool
  /// For random layers: derived from seed, epoch and the layer's name. Derive the sample's number before drawing.
  public var randomKey: RandomKey
  /// For random layers: the number of each example in its data set, `batch` of them.
  public var samples: [Int]

  public init(batch: Int, pool: WorkerPool, randomKey: RandomKey = RandomKey(seed: 0), samples: [Int] = []) {
    self.batch = batch
    self.pool = pool
    self.randomKey = randomKey
    self.samples = samples
  }
}
