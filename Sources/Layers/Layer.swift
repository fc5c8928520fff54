import Schemas
import Tensors

/// One kind of layer with its options: knows shapes and parameters, and makes the operation that computes.
///
/// A layer is a value without numbers in it; parameters live in a `ParameterSet`, activations in the plan's arena.
public protocol Layer: Sendable {
  /// The name that recipes use, its options, and a line of help.
  var schema: Schema { get }

  var options: Options { get }

  /// The plugin that it comes from; nil: built in.
  var origin: LayerOrigin? { get }

  /// What the layer makes of inputs of these shapes (each of one example, without the batch axis).
  ///
  /// - Throws: `LayerError` when the shapes cannot be.
  func signature(for inputs: [Shape]) throws -> LayerSignature

  /// True for layers that do something else while training even where nothing before them learns: they drop, crop or
  /// add noise.
  var isRandom: Bool { get }

  /// False for layers of plugins that cannot stand behind anything that learns.
  var hasBackward: Bool { get }

  /// True when the output is the input, number for number in the same order, so that a plan need not run the layer.
  ///
  /// - Parameter inputs: shapes that `signature` has accepted.
  func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool

  /// The computation for these shapes. Called after `signature` has accepted them.
  ///
  /// - Throws: `OperationError`; built-in layers never do.
  func makeOperation(_ request: OperationRequest) throws(OperationError) -> any Operation
}

extension Layer {
  public var typeName: String { schema.name }
  public var origin: LayerOrigin? { nil }
  public var isRandom: Bool { false }
  public var hasBackward: Bool { true }
  public func isIdentity(for inputs: [Shape], isTraining: Bool) -> Bool { false }
}

/// A layer that the workbench brings: its schema belongs to the type.
public protocol BuiltInLayer: Layer {
  static var schema: Schema { get }

  init(options: Options) throws
}

extension BuiltInLayer {
  public var schema: Schema { Self.schema }
}

/// What the network must know of a layer before any number exists.
public struct LayerSignature: Sendable {
  public let outputShape: Shape
  public let parameters: [ParameterSpec]
  /// Floating point operations of one example's forward pass; a multiply-add counts as two.
  public let flops: Int

  public init(outputShape: Shape, parameters: [ParameterSpec] = [], flops: Int = 0) {
    self.outputShape = outputShape
    self.parameters = parameters
    self.flops = flops
  }
}

/// One array of parameters of a layer.
public struct ParameterSpec: Sendable {
  /// `kernel`, `bias`, `gamma`, ...; the network puts the layer's name in front: `conv2d_1.kernel`.
  public let name: String
  public let shape: Shape
  public let initializer: Initializer
  /// Sizes for initialisers that scale with the fans. For a convolution kernel: window area x channels.
  public let fanIn: Int
  public let fanOut: Int
  /// False for running statistics, which no optimizer touches.
  public let isTrainable: Bool
  /// The factor of this array's sum of squares in the loss; 0 for none.
  public let l2: Float
  /// Whether optimizers with decoupled weight decay (AdamW) decay it. True for all built-in layers, as in Keras.
  public let decays: Bool

  public init(
    _ name: String, _ shape: Shape, _ initializer: Initializer, fanIn: Int = 1, fanOut: Int = 1,
    isTrainable: Bool = true, l2: Float = 0, decays: Bool = true
  ) {
    self.name = name
    self.shape = shape
    self.initializer = initializer
    self.fanIn = fanIn
    self.fanOut = fanOut
    self.isTrainable = isTrainable
    self.l2 = l2
    self.decays = decays
  }
}

/// For which shapes and for what an operation is made.
public struct OperationRequest: Sendable {
  public let inputShapes: [Shape]
  public let maximumBatch: Int
  /// True: `backward` will be called after `forward`, dropout drops, batch statistics are used.
  public let isTraining: Bool
  /// True when none of the layer's numbers is to change: a batch norm takes its running statistics, and keeps them, also
  /// where gradients pass through it to layers before it that learn.
  public let isFrozen: Bool
  /// False when nothing before this layer can learn, so that `backward` need not compute input gradients.
  public let needsInputGradient: Bool
  public let workerCount: Int

  public init(
    inputShapes: [Shape], maximumBatch: Int, isTraining: Bool, isFrozen: Bool = false, needsInputGradient: Bool = true,
    workerCount: Int = 1
  ) {
    self.inputShapes = inputShapes
    self.maximumBatch = maximumBatch
    self.isTraining = isTraining
    self.isFrozen = isFrozen
    self.needsInputGradient = needsInputGradient
    self.workerCount = workerCount
  }
}
