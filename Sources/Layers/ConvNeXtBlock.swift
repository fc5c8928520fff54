import Kernels
import Tensors

/// The layers of a ConvNeXt block (Liu et al. 2022), between an input and the sum of their output with it:
///
/// `y = x + scale smooth(activation(expand(norm(depthwise(x)))))`, the last two convolutions with windows of one pixel.
public struct ConvNeXtBlock {
  let depthwise: DepthwiseConv2D
  let norm: LayerNorm
  let expand: Conv2D
  let activation: ActivationKernel
  let smooth: Conv2D
  let scale: LayerScale?

  /// - Parameter activation: of a layer of its own behind `expand`; nil: none.
  /// - Returns: nil for options with which these are no such block.
  public init?(
    depthwise: DepthwiseConv2D, norm: LayerNorm, expand: Conv2D, activation: Activation?, smooth: Conv2D,
    scale: LayerScale?
  ) {
    guard depthwise.stride == (1, 1), depthwise.padsSame, depthwise.activation == nil, expand.isPointwise,
      smooth.isPointwise, smooth.activation == nil, activation == nil || expand.activation == nil
    else { return nil }
    self.depthwise = depthwise
    self.norm = norm
    self.expand = expand
    self.activation = (activation ?? expand.activation)?.kernel ?? .identity
    self.smooth = smooth
    self.scale = scale
  }

  /// All of it as one operation for inference, whose only input is `x`. Parameters: the layers', one after the other.
  public func inferenceOperation(_ request: OperationRequest) -> any Operation {
    FusedConvNeXtBlock(self, request)
  }
}
