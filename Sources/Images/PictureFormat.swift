/// The formats that are read. The content decides, never the file's name.
public enum PictureFormat: Hashable, Sendable {
  case jpeg, png, tiff, webp, bmp
  /// One that a registered codec reads, by the codec's name.
  case other(String)

  /// As messages write it.
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .tiff: "TIFF"
    case .webp: "WebP"
    case .bmp: "BMP"
    case .other(let name): name
    }
  }

  /// Extensions, in lower case, that a scan of folders takes for pictures; those of registered codecs come on top.
  public static let extensions = ["jpg", "jpeg", "jpe", "png", "tif", "tiff", "webp", "bmp"]
}

/// Whether a scan of folders takes a file of this name for a picture: by its extension, in any letter case.
///
/// Hidden files (`.name.jpg`, which some systems put beside the real one) are not taken.
public func isPictureName(_ path: String) -> Bool {
  let name = path.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex, !name.hasPrefix(".") else { return false }
  let ending = name[name.index(after: dot)...].lowercased()
  return PictureFormat.extensions.contains(ending) || PictureCodecs.extensions.contains(ending)
}
