import Kernels
import Tensors

/// The computation of `Linear`, with its bias and activation.
final class LinearOperation: Operation {
  init(_ layer: Linear, _ request: OperationRequest, activation: Activation?) {}

  func forward(_ frame: Frame) {}
  func backward(_ frame: Frame) {}
}
