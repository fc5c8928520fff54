/// Why the tensors of a file cannot become the numbers of a network.
public enum WeightError: Error, Equatable, Sendable {
  /// What is wrong with one tensor or parameter.
  public enum Problem: Equatable, Sendable {
    /// The network wants the parameter; the file has no such tensor.
    case missing(parameter: String, tensor: String)
    case shape(parameter: String, tensor: String, wanted: [Int], found: [Int])
    /// The network has nothing for it.
    case unused(tensor: String)
  }

  case doesNotFit([Problem])
  /// Not one parameter would come from the file: `wanted` is the first tensor that was looked for, `found` what there is.
  case nothingLoaded(wanted: String?, found: [String])
  /// A layer whose numbers other programs keep in another form, or not at all.
  case layer(name: String, type: String, reason: String)
  case unknownLayer(name: String, suggestion: String?)
  case keyOfSafeTensors(String)
  /// A tensor with infinite numbers or not-a-numbers.
  case notFinite(tensor: String)
}

extension WeightError: CustomStringConvertible {
  /// Follows the file's name and a colon.
  public var description: String {
    switch self {
    case .doesNotFit(let problems):
      // Names come from the file.
      withoutControlCharacters(
        "it does not fit the network: " + problems.prefix(4).map(\.description).joined(separator: "; ")
          + (problems.count > 4 ? "; and \(problems.count - 4) more" : "")
          + " (name layers to leave alone in 'except', or set strict = false)")
    case .nothingLoaded(let wanted, let found):
      withoutControlCharacters(
        "not one parameter of the network would be loaded: "
          + (wanted.map { "'\($0.prefix(120))' is looked for, " } ?? "") + "it holds "
          + (found.isEmpty ? "no tensors" : found.prefix(4).map { "'\($0.prefix(120))'" }.joined(separator: ", "))
          + (found.count > 4 ? " and \(found.count - 4) more" : "")
          + " (a table in a PyTorch file is named by 'key')")
    case .layer(let name, let type, let reason): "layer \(name) (\(type)): \(reason)"
    case .unknownLayer(let name, let suggestion):
      "'except' names the layer '\(name)', which the network does not have"
        + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
    case .keyOfSafeTensors(let key): "a safetensors file has no tables such as '\(key)'"
    case .notFinite(let tensor):
      withoutControlCharacters("the tensor '\(tensor.prefix(120))' holds numbers that are not finite")
    }
  }
}

extension WeightError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let parameter, let tensor): "\(parameter) wants '\(tensor)', which it does not hold"
    case .shape(let parameter, let tensor, let wanted, let found):
      "\(parameter) wants '\(tensor.prefix(120))' of \(wanted), but it holds \(found)"
    case .unused(let tensor): "it holds '\(tensor.prefix(120))', which the network has no place for"
    }
  }
}
