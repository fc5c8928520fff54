import Tensors

/// What can be wrong with a file that the workbench reads or writes. Every case names the file.
public enum ModelFileError: Error, Equatable, Sendable {
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  /// What stood at `path` before is intact.
  case diskFull(path: String)
  /// The bytes are no safetensors file, or were damaged; `reason` is a clause.
  case damaged(path: String, reason: String)
  /// A safetensors file, but not one that workbench has written as a model.
  case notAModel(path: String, reason: String)
  case newerFormat(path: String, version: Int, known: Int)
  case missingParameter(name: String, path: String)
  case unknownParameter(name: String, path: String, suggestion: String?)
  case shapeMismatch(parameter: String, expected: Shape, found: Shape, path: String)
  case dataType(tensor: String, found: String, path: String)
  /// The network in the file cannot be; the text is that of the `NetworkError` or `OptionError`.
  case network(path: String, reason: String)
  /// The network's logits and the class table do not fit together.
  case classCount(model: String, classes: Int, logits: Int)
  /// A class has an empty name, or one that another has.
  case classNames(model: String, name: String)
  case inputShape(model: String, network: Shape, preprocessing: Shape)
  /// The network computes other logits for a stored input than it did when the file was written.
  case verification(path: String, pair: Int, expected: Float, found: Float)
  case notFinite(model: String, what: String)
  /// The network was made for pictures of another size than was asked for.
  case sizeFixed(model: String, size: PictureSize, wanted: PictureSize)
  case preprocessing(model: String, reason: String)
  case keras(path: String, KerasFileError)
  /// A layer comes from a plugin that cannot be loaded; `reason` says where it was looked for.
  case plugin(path: String, plugin: String, version: String, layer: String?, reason: String)
  case pyTorch(path: String, PyTorchFileError)
  /// The tensors of a file do not fit a network.
  case weights(path: String, WeightError)
}

extension ModelFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    case .diskFull(let path): "\(path): cannot be written: the disk is full (what was there before is intact)"
    case .damaged(let path, let reason): "\(path): the file is damaged or not a safetensors file: \(reason)"
    case .notAModel(let path, let reason): "\(path): not a model of workbench: \(reason)"
    case .newerFormat(let path, let version, let known):
      "\(path): has format \(version), but this workbench reads formats up to \(known)"
    case .missingParameter(let name, let path): "\(name): the network wants it, but \(path) does not hold it"
    case .unknownParameter(let name, let path, let suggestion):
      "\(name): \(path) holds it, but the network has no such parameter"
        + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .shapeMismatch(let parameter, let expected, let found, let path):
      "\(parameter): the network wants \(list(expected)), \(path) holds \(list(found))."
    case .dataType(let tensor, let found, let path):
      "\(path): the tensor \(tensor) has the data type '\(found.prefix(20))', which workbench does not read"
    case .network(let path, let reason): "\(path): the network in it cannot be: \(reason)"
    case .classCount(let model, let classes, let logits):
      "\(model): the network has \(logits) outputs, but there are \(classes) classes"
    case .classNames(let model, let name):
      "\(model): " + (name.isEmpty ? "a class has an empty name" : "two classes have the name '\(name)'")
    case .inputShape(let model, let network, let preprocessing):
      "\(model): the network takes \(network), but its preprocessing gives \(preprocessing)"
    case .verification(let path, let pair, let expected, let found):
      "\(path): on this computer the network does not compute what it did when the file was written: "
        + "stored input \(pair + 1) gives the logit \(found) instead of \(expected)"
    case .notFinite(let model, let what): "\(model): cannot be saved: \(what) is not finite"
    case .sizeFixed(let model, let size, let wanted):
      "\(model): the network was made for pictures of \(size) pixels, not of \(wanted)"
    case .preprocessing(let model, let reason): "\(model): \(reason)"
    case .keras(let path, let error): "\(path): \(error)"
    case .plugin(let path, let plugin, let version, let layer, let reason):
      "\(path): " + (layer.map { "its layer \($0)" } ?? "it") + " needs the plugin '\(plugin)' (version \(version)): "
        + reason
    case .pyTorch(let path, let error): "\(path): \(error)"
    case .weights(let path, let error): "\(path): \(error)"
    }
  }
}

/// `[8112, 500]`
private func list(_ shape: Shape) -> String { "[\(shape.dimensions.map(String.init).joined(separator: ", "))]" }
