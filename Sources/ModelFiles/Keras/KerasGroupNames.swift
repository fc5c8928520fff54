/// The names of a model's groups in `model.weights.h5`, which count the layers of each class.
///
/// Keras 3 counts each layer once (`layers/conv2d`, `layers/conv2d_1`, ...). Keras 2.13 goes through a list in which a
/// layer with numbers stands twice, first under `layer_with_weights-3`, then under `layer-7`; it is stored at the first
/// and skipped at the second, but both are counted (`_layer_checkpoint_dependencies/conv2d`, `.../conv2d_2`, ...).
struct KerasGroupNames {
  enum Version {
    case keras2, keras3

    /// The group in which the layers' groups are.
    var container: String {
      switch self {
      case .keras2: "_layer_checkpoint_dependencies"
      case .keras3: "layers"
      }
    }
  }

  private let version: Version
  private var counts: [String: Int] = [:]

  init(_ version: Version) { self.version = version }

  /// The name of the next layer's group. To be asked for every layer, in the order of `model.layers`.
  mutating func next(className: String, hasNumbers: Bool) -> String {
    let name = KerasTranslator.groupName(className)
    let count = counts[name, default: 0]
    counts[name] = count + (hasNumbers && version == .keras2 ? 2 : 1)
    return count == 0 ? name : "\(name)_\(count)"
  }
}
