import ArgumentParser
import Images
import ModelFiles
import Tensors

/// `MODEL --size N --resize MODE`: the model of every command that uses one.
struct ModelArguments: ParsableArguments {
  @Argument(help: "A model file (.safetensors or .keras).")
  var model: String

  @Option(
    help: ArgumentHelp(
      "The side of the pictures that a .keras model without a size of its own gets, or HEIGHTxWIDTH.",
      valueName: "pixels"))
  var size: String?

  @Option(
    help: ArgumentHelp(
      "What happens to pictures of another proportion: stretch, pad or crop (default: as the model says; .keras: stretch).",
      valueName: "mode"))
  var resize: String?

  func validate() throws {
    if let size, PictureSize(text: size) == nil {
      throw ValidationError(
        "--size \(size): must be a number of pixels, such as 96, or height and width, such as 96x128")
    }
    if let resize, Preprocessing.FitMode(rawValue: resize) == nil {
      throw ValidationError(
        "--resize \(resize): must be \(Preprocessing.FitMode.allCases.map(\.rawValue).joined(separator: " or "))")
    }
  }

  /// The sentence about a model whose classes are numbers.
  static func namelessClasses(_ model: Model) -> String {
    "its \(model.classes.count) classes have no names: they are called 0 to \(model.classes.count - 1) "
      + "(--labels FILE gives them names)"
  }

  var options: ImportOptions {
    ImportOptions(
      size: size.flatMap(PictureSize.init(text:)), fit: resize.flatMap(Preprocessing.FitMode.init(rawValue:)))
  }

  /// Reads the model.
  ///
  /// - Parameter labels: a file of class names that replace those of the model.
  /// - Throws: `ModelFileError`; `CommandFailure` about the labels.
  func load(labels: String? = nil, pool: WorkerPool) throws -> Model {
    let model = try Model.load(from: model, importing: options, pool: pool)
    guard let labels else { return model }
    return try model.with(ImportOptions(labels: Labels.read(labels, count: model.classes.count)))
  }
}
