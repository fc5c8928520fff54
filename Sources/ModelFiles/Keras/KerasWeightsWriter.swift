import Foundation
import Networks

/// Writes `model.weights.h5` in the layouts of Keras 2.13 and of Keras 3 at once: the groups of the one are hard links
/// to those of the other, so that each array is there once.
enum KerasWeightsWriter {
  /// - Throws: `HDF5Error`.
  static func bytes(network: Network, parameters: ParameterSet) throws(HDF5Error) -> Data {
    try HDF5Library.use { () throws(HDF5Error) in
      let file = try HDF5Writer()
      let (second, third) = (KerasGroupNames.Version.keras2, KerasGroupNames.Version.keras3)
      // Keras 2.13 asks for the numbers of the model itself.
      for group in ["vars", second.container, third.container] { try file.makeGroup(group) }
      var names2 = KerasGroupNames(second)
      var names3 = KerasGroupNames(third)
      for id in KerasLayerOrder.of(inputs: network.nodes.map(\.inputs), output: network.outputID) {
        let node = network.nodes[id]
        guard let className = className(node, network: network) else { continue }
        let hasNumbers = !node.parameterNames.isEmpty
        let group2 = second.container + "/" + names2.next(className: className, hasNumbers: hasNumbers)
        let group3 = third.container + "/" + names3.next(className: className, hasNumbers: hasNumbers)
        if !hasNumbers { continue }
        try file.makeGroup(group2)
        try file.makeGroup(group2 + "/vars")
        for (index, name) in node.parameterNames.enumerated() {
          guard let tensor = parameters[name] else { throw HDF5Error(reason: "there is no \(name)") }
          try file.write(tensor, to: group2 + "/vars/\(index)")
        }
        try file.link(group2, as: group3)
      }
      return try file.image()
    }
  }

  private static func className(_ node: Node, network: Network) -> String? {
    guard let layer = node.layer else { return "InputLayer" }
    // What cannot be written has been refused before.
    return (try? KerasCounterpart.of(layer, node: node, network: network))?.className
  }
}
