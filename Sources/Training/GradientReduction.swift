import Tensors

/// The one seam through which the gradients of several machines become one.
///
/// Called once a step, between `backward` and the optimizer. On one machine there is nothing to do. An implementation
/// must give every machine the same bits, whatever their number.
public protocol GradientReduction: AnyObject {
  /// - Parameter gradients: parallel to the network's parameters; nil where nothing is trained.
  func reduce(_ gradients: [Tensor?]) throws
}

/// Leaves the gradients as they are.
public final class SingleMachine: GradientReduction {
  public init() {}

  public func reduce(_ gradients: [Tensor?]) {}
}
