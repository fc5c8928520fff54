import Kernels
import Tensors

/// The computation of `Conv2D`, with its bias and activation.
final class ConvolutionOperation: Operation {
  init(_ layer: Conv2D, _ request: OperationRequest, activation: Activation?) {}

  func forward(_ frame: Frame) {}
  func backward(_ frame: Frame) {}
}
