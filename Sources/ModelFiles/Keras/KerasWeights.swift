import Foundation
import Networks
import Tensors

/// Reads the numbers of a network from `model.weights.h5`.
enum KerasWeights {
  /// The most bytes that the weights file of such a network can rightly have: float64, with an optimizer's moments.
  static func maximumBytes(for network: Network) -> Int {
    let numbers = network.nodes.reduce(0.0) { sum, node in
      (node.signature?.parameters ?? []).reduce(sum) { $0 + Double($1.shape.count) }
    }
    return Int(min(Double(1 << 40), numbers * 40)) + (1 << 26)
  }

  /// By the network's parameter names.
  ///
  /// - Throws: `ModelFileError`.
  static func read(_ bytes: Data, of model: KerasNetwork, path: String) throws(ModelFileError) -> [String: Tensor] {
    do {
      return try read(HDF5File(bytes), of: model, path: path)
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw .keras(path: path, .weights(reason: (error as? HDF5Error)?.reason ?? "\(error)"))
    }
  }

  private static func read(_ file: HDF5File, of model: KerasNetwork, path: String) throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    // Older versions of Keras 3 may have left groups without members: the one that has members counts.
    let version: KerasGroupNames.Version = try file.root.group("layers")?.names.isEmpty == false ? .keras3 : .keras2
    let container = try file.root.group(version.container)
    var names = KerasGroupNames(version)
    let nodes = Dictionary(uniqueKeysWithValues: model.network.nodes.map { ($0.name, $0) })
    for layer in model.numbers {
      let node = nodes[layer.layer]
      let specs = (node?.signature?.parameters ?? []).filter { !layer.filled.contains($0.name) }
      let name = names.next(className: layer.className, hasNumbers: !specs.isEmpty)
      if specs.isEmpty { continue }
      let variables = try container?.group(name)?.group("vars")
      let found = variables?.names.count ?? 0
      guard let variables, found == specs.count else {
        throw ModelFileError.keras(
          path: path,
          .weightCount(
            layer: layer.layer, group: "\(version.container)/\(name)/vars", expected: specs.count, found: found))
      }
      for (index, spec) in specs.enumerated() {
        guard let dataset = try variables.dataset(String(index)) else {
          throw HDF5Error(reason: "'\(variables.path)' has no '\(index)'")
        }
        let parameter = "\(layer.layer).\(spec.name)"
        guard dataset.shape == spec.shape || isOnePixelKernel(dataset.shape, spec.shape) else {
          throw ModelFileError.shapeMismatch(
            parameter: parameter, expected: spec.shape, found: dataset.shape, path: path)
        }
        result[parameter] = try dataset.read(as: spec.shape)
      }
    }
    return result
  }

  /// `[1, 1, in, out]` of a convolution that sees one pixel, for the `[in, out]` of the layer that it has become.
  private static func isOnePixelKernel(_ found: Shape, _ expected: Shape) -> Bool {
    found.rank == 4 && found[0] == 1 && found[1] == 1 && found.dimensions.dropFirst(2) == expected.dimensions[...]
  }
}
