import Schemas

/// What a recipe can ask for that cannot be. The bridge puts `recipe.lua:14: ` in front.
public enum RequestError: Error, Equatable, Sendable {
  case outOfMemory
  /// `wb.losss`
  case unknownName(namespace: String, name: String, suggestion: String?)
  case noProperty(owner: String, name: String, known: [String])
  case readOnly(String)
  case cannotCall(String)
  case noLength(String)
  case methodWithoutObject(name: String, kind: String)
  /// A function was not given the one table that it takes.
  case wantsTable(function: String, found: String)
  case strayKey(function: String, key: Int)
  /// An entry of the list part that does not belong there.
  case listEntry(function: String, index: Int, expected: String, found: String)
  case operands(operation: String, left: String, right: String)
  case differentInputs
  case wantsNodes(layer: String, found: String)
  case inputExtents(found: String)
  case sequentialStart
  case emptySequential
  case parameter(String)
  /// A path that the sandbox does not open.
  case outsideSandbox(function: String, path: String)
  /// A path that cannot be used; the reason is the system's or ours.
  case path(function: String, path: String, reason: String)
  /// A clause that names what is wrong: `wb.train: 'model' has no parameters to train`.
  case invalid(owner: String, reason: String)
}

extension RequestError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .outOfMemory: "not enough memory to start Lua"
    case .unknownName(let namespace, let name, let suggestion):
      "there is no \(namespace).\(name)" + (suggestion.map { " (did you mean '\(namespace).\($0)'?)" } ?? "")
    case .noProperty(let owner, let name, let known):
      "\(owner) has no '\(name)'" + hint(name, known)
    case .readOnly(let what): "\(what) cannot be changed by assignment"
    case .cannotCall(let what): "\(what) cannot be called"
    case .noLength(let what): "\(what) has no length"
    case .methodWithoutObject(let name, let kind):
      "\(name) is a method of \(kind): write object:\(name)(), with a colon"
    case .wantsTable(let function, let found):
      "\(function) takes one table of options, as in \(function) { ... }, not \(found)"
    case .strayKey(let function, let key):
      "\(function): the table has a value at [\(key)], after a gap; is one of the values before it nil?"
    case .listEntry(let function, let index, let expected, let found):
      "\(function): entry \(index) must be \(expected), not \(found)"
    case .operands(let operation, let left, let right):
      "only nodes can be \(operation): this is \(left) and \(right)"
    case .differentInputs: "the nodes belong to different inputs; a network has one"
    case .wantsNodes(let layer, let found):
      "\(layer): call a layer with the node that it takes, as in wb.relu()(x), not with \(found)"
    case .inputExtents(let found):
      "input takes 1 to 4 integers of 1 or more, as in wb.input { 256, 256, 3 }, not \(found)"
    case .sequentialStart: "sequential: wb.input { height, width, channels } can only be the first entry"
    case .emptySequential: "sequential needs at least one layer"
    case .parameter(let text): text
    case .outsideSandbox(let function, let path):
      "\(function): '\(path)' is outside the recipe's folder and the working folder; give it on the command line "
        + "(--set), or run with --trust"
    case .path(let function, let path, let reason): "\(function): '\(path)': \(reason)"
    case .invalid(let owner, let reason): "\(owner): \(reason)"
    }
  }

  private func hint(_ name: String, _ known: [String]) -> String {
    if let suggestion = nearest(to: name, among: known) { return " (did you mean '\(suggestion)'?)" }
    return known.isEmpty ? "" : " (it has \(known.sorted().joined(separator: ", ")))"
  }
}

/// An error whose text already names file and line.
struct PositionedError: Error, CustomStringConvertible {
  let position: String
  let error: any Error

  var description: String { position.isEmpty ? "\(error)" : "\(position): \(error)" }
}

/// Thrown by a handler to unwind the whole recipe: the run is to stop.
struct StopRequest: Error {}

/// An error of the work itself, as against one of the request: exit code 1.
struct WorkError: Error, CustomStringConvertible {
  let error: any Error

  var description: String { "\(error)" }
}
