import Foundation
import Images

/// `metadata.json`: the version of Keras, and what a file that workbench has written knows beside the network. Keras
/// does not look at it.
struct KerasMetadata: Codable {
  struct Workbench: Codable {
    var name: String
    var classes: [String]
    var hasClassNames: Bool
    var preprocessing: Preprocessing
    var provenance: [String: String]

    private enum CodingKeys: String, CodingKey {
      case name, classes, preprocessing, provenance
      case hasClassNames = "class_names"
    }
  }

  var kerasVersion: String?
  var workbench: Workbench?

  private enum CodingKeys: String, CodingKey {
    case workbench
    case kerasVersion = "keras_version"
  }

  /// The version whose form of `config.json` workbench writes.
  static let writtenVersion = "2.13.1"
}
