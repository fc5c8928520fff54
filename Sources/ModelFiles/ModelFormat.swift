import Foundation

/// The formats of model files.
public enum ModelFormat: String, CaseIterable, Sendable {
  case safetensors
  case keras

  /// Of a file to be written, by its extension; nil when there is no such format.
  public init?(ofName path: String) {
    self.init(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
  }

  /// A clause about a file name that `init(ofName:)` refuses.
  public static func unknown(_ path: String) -> String {
    let formats = allCases.map { ".\($0.rawValue)" }.joined(separator: " and ")
    let ending = URL(fileURLWithPath: path).pathExtension
    return (ending.isEmpty ? "the name has no ending" : "the format '.\(ending)' is unknown")
      + "; the formats that exist are: \(formats)"
  }

  /// Of a file that exists, by its first bytes. A file named `.keras` is taken for one whatever it holds, so that the
  /// message about it fits.
  init(ofFile path: String) {
    self = ZipArchive.looksLikeOne(path: path) || ModelFormat(ofName: path) == .keras ? .keras : .safetensors
  }
}
