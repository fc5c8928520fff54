import Layers
import Networks
import Tensors

/// How PyTorch keeps a parameter of ours.
struct TorchLayout {
  enum Order {
    /// Numbers in our order; axes of one element may come and go.
    case same
    /// `[outputs, inputs, height, width]`, ours `[height, width, inputs, outputs]`; without the last two for one place.
    case kernel(outputs: Int, inputs: Int, height: Int, width: Int)
    /// A vector for each token. Those of another grid are interpolated.
    case positions(PositionGrid?)
  }

  /// Behind the module's name and a point; empty: the module is the tensor.
  let name: String
  let order: Order
  /// Ours.
  let shape: Shape

  /// `weight` of the module `blocks.0.norm1`.
  func tensorName(module: String) -> String { name.isEmpty ? module : "\(module).\(name)" }

  /// As PyTorch shows it.
  var torchShape: [Int] {
    switch order {
    case .same, .positions: shape.dimensions
    case .kernel(let outputs, let inputs, let height, let width):
      shape.rank == 2 ? [outputs, inputs] : [outputs, inputs, height, width]
    }
  }

  /// The grid of a file's position vectors when it is another one than the network's.
  func sourceGrid(_ found: Shape) -> PositionGrid? {
    guard case .positions(let grid?) = order, found.channels == shape.channels, found.count != shape.count else {
      return nil
    }
    return PositionGrid(square: found.count / max(1, found.channels), prefix: grid.prefix)
  }

  func accepts(_ found: Shape) -> Bool {
    func withoutOnes(_ shape: Shape) -> [Int] { shape.dimensions.filter { $0 != 1 } }
    switch order {
    case .same: return withoutOnes(found) == withoutOnes(shape)
    case .kernel(let outputs, let inputs, let height, let width):
      let isOnePlace = height == 1 && width == 1
      return found.dimensions == [outputs, inputs, height, width]
        || (isOnePlace && found.dimensions == [outputs, inputs])
    case .positions:
      guard found.rank == 2 || (found.rank == 3 && found[0] == 1), found.channels == shape.channels else {
        return false
      }
      return found.count == shape.count || sourceGrid(found) != nil
    }
  }

  /// Writes a tensor of a shape that `accepts` takes into ours.
  func convert(_ source: Tensor, into target: Tensor) {
    switch order {
    case .same: target.pointer.update(from: source.pointer, count: target.count)
    case .kernel(let outputs, let inputs, let height, let width):
      let area = height * width
      for o in 0..<outputs {
        for i in 0..<inputs {
          let window = source.pointer + (o * inputs + i) * area
          for place in 0..<area { target[(place * inputs + i) * outputs + o] = window[place] }
        }
      }
    case .positions(let grid):
      guard let grid, let sourceGrid = sourceGrid(source.shape) else {
        return target.pointer.update(from: source.pointer, count: target.count)
      }
      let flat = Tensor([sourceGrid.tokens, source.shape.channels])
      flat.pointer.update(from: source.pointer, count: flat.count)
      let fitted = sourceGrid.resample(flat, to: grid)
      // Only its pointer is handed on.
      withExtendedLifetime(fitted) { target.pointer.update(from: fitted.pointer, count: target.count) }
    }
  }
}

extension TorchLayout {
  /// For each parameter of a layer, in its order.
  ///
  /// - Throws: `WeightError.layer` for a layer with parameters that PyTorch has no counterpart of.
  static func of(_ node: Node, in network: Network) throws(WeightError) -> [TorchLayout] {
    guard let layer = node.layer, let parameters = node.signature?.parameters, !parameters.isEmpty else { return [] }
    if layer is Linear, let feed = network.nodes[node.inputs[0]].layer as? Flatten {
      let picture = network.nodes[network.nodes[node.inputs[0]].inputs[0]].shape
      if picture.isPicture, picture[0] * picture[1] > 1 {
        throw .layer(
          name: node.name, type: node.typeName,
          reason: "it follows a \(feed.typeName), which in PyTorch lays pictures out channels first: other numbers")
      }
    }
    var result: [TorchLayout] = []
    for spec in parameters {
      guard let (name, order) = counterpart(of: spec, layer: layer) else {
        throw .layer(name: node.name, type: node.typeName, reason: "its '\(spec.name)' has no counterpart in timm")
      }
      result.append(TorchLayout(name: name, order: order, shape: spec.shape))
    }
    return result
  }

  private static func counterpart(of spec: ParameterSpec, layer: any Layer) -> (String, Order)? {
    let s = spec.shape
    switch (layer, spec.name) {
    case (is Conv2D, "kernel"): return ("weight", .kernel(outputs: s[3], inputs: s[2], height: s[0], width: s[1]))
    case (is DepthwiseConv2D, "kernel"): return ("weight", .kernel(outputs: s[2], inputs: 1, height: s[0], width: s[1]))
    case (is Linear, "kernel"): return ("weight", .kernel(outputs: s[1], inputs: s[0], height: 1, width: 1))
    case (is Attention, "qkv"): return ("qkv.weight", .kernel(outputs: s[1], inputs: s[0], height: 1, width: 1))
    case (is Attention, "projection"): return ("proj.weight", .kernel(outputs: s[1], inputs: s[0], height: 1, width: 1))
    case (is Attention, "qkv_bias"): return ("qkv.bias", .same)
    case (is Attention, "projection_bias"): return ("proj.bias", .same)
    case (is Conv2D, "bias"), (is DepthwiseConv2D, "bias"), (is Linear, "bias"): return ("bias", .same)
    case (is LayerNorm, "gamma"), (is BatchNorm, "gamma"): return ("weight", .same)
    case (is LayerNorm, "beta"), (is BatchNorm, "beta"): return ("bias", .same)
    case (is BatchNorm, "running_mean"): return ("running_mean", .same)
    case (is BatchNorm, "running_variance"): return ("running_var", .same)
    case (is LayerScale, "gamma"): return ("gamma", .same)
    case (is ClassToken, "token"): return ("", .same)
    case (let layer as PositionEmbedding, "positions"):
      let grid = layer.grid.map { grid in
        PositionGrid(height: grid.height, width: grid.width, prefix: s[0] - grid.height * grid.width)
      }
      return ("", .positions(grid))
    default: return nil
    }
  }
}
