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
    // Older versions of Keras 3 may have left groups without members: the one that has members counts.
    let version: KerasGroupNames.Version = file.members(of: "layers").isEmpty ? .keras2 : .keras3
    var names = KerasGroupNames(version)
    let nodes = Dictionary(uniqueKeysWithValues: model.network.nodes.map { ($0.name, $0) })
    var parameters: [String] = []
    var wanted: [(path: String, shape: Shape)] = []
    for layer in model.numbers {
      let specs = (nodes[layer.layer]?.signature?.parameters ?? []).filter { !layer.filled.contains($0.name) }
      let name = names.next(className: layer.className, hasNumbers: !specs.isEmpty)
      if specs.isEmpty { continue }
      let group = "\(version.container)/\(name)/vars"
      let found = file.members(of: group).count
      guard found == specs.count else {
        throw ModelFileError.keras(
          path: path, .weightCount(layer: layer.layer, group: group, expected: specs.count, found: found))
      }
      for (index, spec) in specs.enumerated() {
        let parameter = "\(layer.layer).\(spec.name)"
        let shape = try shape(of: "\(group)/\(index)", in: file)
        guard shape == spec.shape || isOnePixelKernel(shape, spec.shape) else {
          throw ModelFileError.shapeMismatch(parameter: parameter, expected: spec.shape, found: shape, path: path)
        }
        parameters.append(parameter)
        wanted.append(("\(group)/\(index)", spec.shape))
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(parameters, try file.read(wanted)))
  }

  private static func shape(of path: String, in file: HDF5File) throws(HDF5Error) -> Shape {
    switch file[path] {
    case .numbers(let shape): return shape
    case .group: throw HDF5Error(reason: "'\(path)' is no dataset")
    case .other: throw HDF5Error(reason: "'\(path)' does not hold floating point numbers")
    case .link:
      throw HDF5Error(reason: "'\(path)' is a link to another place or file, which is not followed")
    case nil: throw HDF5Error(reason: "there is no '\(path)'")
    }
  }

  /// `[1, 1, in, out]` of a convolution that sees one pixel, for the `[in, out]` of the layer that it has become.
  private static func isOnePixelKernel(_ found: Shape, _ expected: Shape) -> Bool {
    found.rank == 4 && found[0] == 1 && found[1] == 1 && found.dimensions.dropFirst(2) == expected.dimensions[...]
  }
}
