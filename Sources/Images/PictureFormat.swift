/// The formats that are read. The content decides, never the file's name.
public enum PictureFormat: String, CaseIterable, Sendable {
  case jpeg, png, tiff, webp, bmp

  /// As messages write it.
  public var name: String {
    self == .webp ? "WebP" : rawValue.uppercased()
  }

  /// Extensions, in lower case, that a scan of folders takes for pictures.
  public static let extensions = ["jpg", "jpeg", "jpe", "png", "tif", "tiff", "webp", "bmp"]
}

/// Whether a scan of folders takes a file of this name for a picture: by its extension, in any letter case.
///
/// Hidden files (`.name.jpg`, which some systems put beside the real one) are not taken.
public func isPictureName(_ path: String) -> Bool {
  let name = path.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex, !name.hasPrefix(".") else { return false }
  return PictureFormat.extensions.contains(name[name.index(after: dot)...].lowercased())
}
