import Layers
import Schemas

/// What a layer of Keras becomes.
struct KerasTranslation {
  struct Piece {
    let type: String
    let options: [String: OptionValue]

    init(_ type: String, _ options: [String: OptionValue?] = [:]) {
      self.type = type
      self.options = options.compactMapValues { $0 }
    }
  }

  /// The layer of workbench that gets the name and the numbers, then what follows it. Empty when the layer does nothing.
  var pieces: [Piece]
  /// Parameters of the first piece that Keras does not have: they stay as they start.
  var filled: Set<String> = []
  /// Whether the output is `[1, 1, channels]` in Keras and a vector here; nil: as the first input.
  var isCollapsed: Bool?

  init(_ pieces: Piece..., filled: Set<String> = [], isCollapsed: Bool? = nil) {
    self.pieces = pieces
    self.filled = filled
    self.isCollapsed = isCollapsed
  }
}

/// The classes of Keras' layers that have a counterpart.
enum KerasTranslator {
  typealias Translate = @Sendable (inout KerasOptions) throws(KerasFileError) -> KerasTranslation

  /// - Throws: `KerasFileError.unknownClass` or `.option`.
  static func translate(_ options: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let layer = options.layer
    if layer.isOperation { return try operation(&options, function: layer.className) }
    if layer.className == "TFOpLambda" { return try operatorOfKeras2(&options) }
    guard let translate = byClass[layer.className] else {
      throw .unknownClass(layer: layer.name, className: layer.className)
    }
    let count = options.inputs.count
    if layer.className != "Add" && layer.className != "Multiply" {
      guard count == 1 else { throw .graph(reason: "feeds layer \(layer.name) with \(count) inputs instead of one") }
    }
    let translation = try translate(&options)
    try options.finish()
    return translation
  }

  /// The name under which the weights file counts a class: Keras' `to_snake_case`.
  static func groupName(_ className: String) -> String {
    let letters = Array(className.unicodeScalars)
    func isUpper(_ scalar: Unicode.Scalar) -> Bool { ("A"..."Z").contains(scalar) }
    func isLower(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) }
    var result = String.UnicodeScalarView()
    for (index, letter) in letters.enumerated() {
      if index > 0, isUpper(letter) {
        let startsWord = index + 1 < letters.count && isLower(letters[index + 1])
        if startsWord || isLower(letters[index - 1]) { result.append("_") }
      }
      result.append(letter)
    }
    return String(result).lowercased()
  }

  private static let byClass: [String: Translate] = [
    "Conv2D": convolution, "DepthwiseConv2D": depthwiseConvolution, "Dense": dense,
    "BatchNormalization": batchNorm, "LayerNormalization": layerNorm, "LayerScale": layerScale,
    "EinsumDense": einsumDense,
    "Activation": activationLayer, "ReLU": relu, "ELU": elu, "Softmax": softmax,
    "MaxPooling2D": { options throws(KerasFileError) in try pool("max_pool", &options) },
    "AveragePooling2D": { options throws(KerasFileError) in try pool("average_pool", &options) },
    "GlobalAveragePooling2D": globalAveragePool, "Flatten": flatten, "Reshape": reshape,
    "Dropout": dropout, "GaussianNoise": gaussianNoise, "StochasticDepth": stochasticDepth,
    "Rescaling": rescaling,
    "RandomCrop": { options throws(KerasFileError) in try crop("random_crop", &options) },
    "CenterCrop": { options throws(KerasFileError) in try crop("center_crop", &options) },
    "Add": add, "Multiply": multiply, "Identity": identity,
  ]
}
