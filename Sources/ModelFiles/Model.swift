import Images
import Networks
import Tensors

/// All that turns a picture into a class: a network with its parameters, the class table and the preprocessing.
///
/// Inference uses these and nothing else. Saved as one `.safetensors` or `.keras` file.
public final class Model: Sendable {
  /// What reports and tables call it.
  public let name: String
  public let network: Network
  public let parameters: ParameterSet
  /// The name of each logit.
  public let classes: [String]
  /// False when nobody has named the classes: they are called `0`, `1`, ...
  public let hasClassNames: Bool
  public let preprocessing: Preprocessing
  /// Where the model comes from, in words: recipe, seed, data hash, version. Printed by `describe`.
  public let provenance: [String: String]

  /// - Throws: `ModelFileError.classCount` or `.inputShape` when the parts do not fit together.
  public init(
    name: String, network: Network, parameters: ParameterSet, classes: [String], preprocessing: Preprocessing,
    hasClassNames: Bool = true, provenance: [String: String] = [:]
  ) throws(ModelFileError) {
    try Model.check(classes: classes, of: network, model: name)
    let pictureShape = Shape([preprocessing.height, preprocessing.width, 3])
    guard network.inputShape == pictureShape else {
      throw .inputShape(model: name, network: network.inputShape, preprocessing: pictureShape)
    }
    self.name = name
    self.network = network
    self.parameters = parameters
    self.classes = classes
    self.hasClassNames = hasClassNames
    self.preprocessing = preprocessing
    self.provenance = provenance
  }

  /// The names of classes that nobody has named.
  public static func numbers(count: Int) -> [String] { (0..<count).map(String.init) }

  /// That there is a name for each output, and no two are alike.
  static func check(classes: [String], of network: Network, model: String) throws(ModelFileError) {
    guard classes.count == network.classCount else {
      throw .classCount(model: model, classes: classes.count, logits: network.classCount)
    }
    var seen: Set<String> = []
    for name in classes where name.isEmpty || !seen.insert(name).inserted {
      throw .classNames(model: model, name: name)
    }
  }

  /// The same model with what a person says about it.
  ///
  /// - Throws: `ModelFileError.classCount`, `.classNames`, `.sizeFixed` or `.preprocessing` when it cannot be.
  public func with(_ options: ImportOptions) throws(ModelFileError) -> Model {
    var description = ModelDescription(model: self, verification: [])
    try description.apply(options)
    return try Model(
      name: description.name, network: network, parameters: parameters, classes: description.classes,
      preprocessing: description.preprocessing, hasClassNames: description.hasClassNames, provenance: provenance)
  }

  /// The same network with other numbers or another origin.
  public func with(
    name: String? = nil, parameters: ParameterSet? = nil, provenance: [String: String]? = nil
  ) -> Model {
    Model(copying: self, name: name, parameters: parameters, provenance: provenance)
  }

  private init(copying other: Model, name: String?, parameters: ParameterSet?, provenance: [String: String]?) {
    self.name = name ?? other.name
    network = other.network
    self.parameters = parameters ?? other.parameters
    classes = other.classes
    hasClassNames = other.hasClassNames
    preprocessing = other.preprocessing
    self.provenance = provenance ?? other.provenance
  }
}
