/// What can be wrong with a `.keras` file, or with a network that shall become one.
public enum KerasFileError: Error, Equatable, Sendable {
  /// The file is no zip archive, or a damaged one; `reason` is libzip's.
  case notAnArchive(reason: String)
  case missingMember(name: String)
  /// A member of the archive cannot be unpacked, or is too large.
  case member(name: String, reason: String)
  /// `config.json` is not JSON, or not what Keras writes; `place` is the layer, or empty.
  case config(place: String, reason: String)
  /// A class of layers, or a function, that workbench has no counterpart of.
  case unknownClass(layer: String, className: String)
  /// An option of a layer that would change the answer, and that workbench does not have.
  case option(layer: String, className: String, option: String, reason: String)
  /// The layers are not connected as workbench's networks are: one input, one output, no cycles, each layer once.
  case graph(reason: String)
  case sizeNeeded
  case weights(reason: String)
  /// A layer wants another number of arrays than the file holds for it.
  case weightCount(layer: String, group: String, expected: Int, found: Int)
  /// A layer of workbench that Keras has no counterpart of, or a name that Keras does not allow.
  case notWritable(layer: String, type: String, reason: String)
}

extension KerasFileError: CustomStringConvertible {
  /// Follows the file's name and a colon.
  public var description: String { withoutControlCharacters(sentence) }

  private var sentence: String {
    switch self {
    case .notAnArchive(let reason): "a .keras file is a zip archive, but this is none, or it is damaged: \(reason)"
    case .missingMember(let name): "the archive has no '\(name)', so it is no Keras model"
    case .member(let name, let reason): "'\(name)' in the archive: \(reason)"
    case .config(let place, let reason): "config.json: \(place.isEmpty ? "" : "\(place): ")\(reason)"
    case .unknownClass(let layer, let className):
      "layer \(layer): workbench has no counterpart of \(className)"
    case .option(let layer, let className, let option, let reason):
      "layer \(layer) (\(className)): '\(option)' \(reason)"
    case .graph(let reason): "the network \(reason)"
    case .sizeNeeded: "the model does not say how large its pictures are: give their size (--size 96)"
    case .weights(let reason): "model.weights.h5: \(reason)"
    case .weightCount(let layer, let group, let expected, let found):
      "layer \(layer) has \(expected) array\(expected == 1 ? "" : "s"), but model.weights.h5 holds \(found) in '\(group)'"
    case .notWritable(let layer, let type, let reason):
      "layer \(layer) (\(type)) cannot go into a .keras file: \(reason)"
    }
  }
}
