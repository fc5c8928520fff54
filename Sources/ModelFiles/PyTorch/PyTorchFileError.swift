/// What can be wrong with a checkpoint of PyTorch.
public enum PyTorchFileError: Error, Equatable, Sendable {
  /// Neither a zip archive of PyTorch 1.6 or later, nor what earlier versions wrote; `reason` is a clause.
  case notACheckpoint(reason: String)
  /// A member of the archive is missing, cannot be unpacked, or is too large.
  case member(name: String, reason: String)
  /// The pickle names a function or a class that tensors do not need; it was not called.
  case refusedGlobal(name: String)
  /// The pickle is damaged, or holds an instruction that tensors do not need.
  case pickle(reason: String)
  case tensor(name: String, reason: String)
  /// There is no table of tensors where one was looked for; `keys` are those that the file has.
  case noTensors(key: String?, keys: [String])
}

extension PyTorchFileError: CustomStringConvertible {
  /// Follows the file's name and a colon.
  public var description: String { withoutControlCharacters(sentence) }

  private var sentence: String {
    switch self {
    case .notACheckpoint(let reason): "this is no checkpoint of PyTorch, or a damaged one: \(reason)"
    case .member(let name, let reason): "'\(name.prefix(80))' in the archive: \(reason)"
    case .refusedGlobal(let name):
      "the file asks for '\(name.prefix(120))', which is not part of a tensor; workbench runs no code from files "
        + "(in Python, torch.save(model.state_dict(), path) writes tensors alone)"
    case .pickle(let reason): "its pickle \(reason)"
    case .tensor(let name, let reason): "the tensor '\(name.prefix(120))' \(reason)"
    case .noTensors(let key?, let keys): "it has no tensors under '\(key)'\(PyTorchFileError.list(keys))"
    case .noTensors(nil, let keys):
      "it holds no table of tensors\(PyTorchFileError.list(keys))"
        + (keys.isEmpty ? "" : "; 'key' says under which name they are")
    }
  }

  private static func list(_ keys: [String]) -> String {
    if keys.isEmpty { return "" }
    let shown = keys.prefix(10).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
    return " (it has \(shown)\(keys.count > 10 ? " and \(keys.count - 10) more" : ""))"
  }
}
