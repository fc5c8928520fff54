import Foundation

/// The keys of the features that matter.
public struct RecordKeys: Equatable, Sendable {
  /// As Herbariograph writes them.
  public static let defaultImage = "image"
  public static let defaultLabel = "category"

  public var image: String
  /// nil: the class is not wanted.
  public var label: String?

  public init(image: String = RecordKeys.defaultImage, label: String? = RecordKeys.defaultLabel) {
    self.image = image
    self.label = label
  }

  /// Keys that are not given are guessed from the first record that can be decoded.
  ///
  /// The picture: of the features that begin as picture files do the only one, or the only one with a usual name. The
  /// class: the only feature with a usual name; of `image/class/label` and `image/class/text` the number.
  /// - Parameter wantsLabel: whether a class is looked for when `label` is nil.
  /// - Throws: `RecordError.noPictureKey`, `.noLabelKey`, `.ambiguousKey`; of a file without a good record the error of
  ///   the first.
  public init(image: String? = nil, label: String? = nil, wantsLabel: Bool = true, guessing file: RecordFile)
    throws(RecordError)
  {
    if let image, label != nil || !wantsLabel {
      self.init(image: image, label: label)
      return
    }
    guard let first = try RecordKeys.firstGood(of: file) else {
      self.init(image: image ?? RecordKeys.defaultImage, label: label ?? (wantsLabel ? RecordKeys.defaultLabel : nil))
      return
    }
    let imageKey = if let image { image } else { try RecordKeys.imageKey(in: first) }
    var labelKey = label
    if labelKey == nil, wantsLabel { labelKey = try RecordKeys.labelKey(in: first, besides: imageKey) }
    self.init(image: imageKey, label: labelKey)
  }

  private static let usualImageKeys = ["image", "image/encoded", "img_raw", "image_raw", "img", "jpeg", "picture"]
  private static let usualLabelKeys = [
    "category", "label", "image/class/label", "image/class/text", "class", "class_id", "label/text", "image/label",
  ]

  /// nil for a file without records.
  private static func firstGood(of file: RecordFile) throws(RecordError) -> RecordFeatures? {
    var firstError: RecordError?
    for index in 0..<min(file.count, 100) {
      do {
        return try file.features(at: index)
      } catch {
        firstError = firstError ?? error
      }
    }
    if let error = firstError ?? file.tail { throw error }
    return nil
  }

  private static func imageKey(in features: RecordFeatures) throws(RecordError) -> String {
    let pictures = features.keys.filter { key in
      if case .bytes(let list)? = features[key], list.count == 1 { return beginsLikePicture(list[0]) }
      return false
    }
    let usual = pictures.filter(usualImageKeys.contains)
    if pictures.count == 1 { return pictures[0] }
    if usual.count == 1 { return usual[0] }
    if pictures.isEmpty { throw .noPictureKey(path: features.place.path, found: features.keyDescriptions) }
    throw .ambiguousKey(
      path: features.place.path, what: "picture", option: "image_key", candidates: pictures.map { "'\($0)'" })
  }

  private static func labelKey(in features: RecordFeatures, besides image: String) throws(RecordError) -> String {
    var usual = features.keys.filter { $0 != image && usualLabelKeys.contains($0) }
    if usual.contains("image/class/label") { usual.removeAll { $0 == "image/class/text" } }
    if usual.count == 1 { return usual[0] }
    if usual.isEmpty { throw .noLabelKey(path: features.place.path, found: features.keyDescriptions) }
    throw .ambiguousKey(
      path: features.place.path, what: "class", option: "label_key", candidates: usual.map { "'\($0)'" })
  }

  /// JPEG, PNG, TIFF, WebP, BMP.
  private static func beginsLikePicture(_ data: Data) -> Bool {
    let beginnings: [[UInt8]] = [
      [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47], [0x49, 0x49, 0x2a, 0], [0x4d, 0x4d, 0, 0x2a], Array("BM".utf8),
    ]
    return beginnings.contains { data.starts(with: $0) }
      || (data.starts(with: Array("RIFF".utf8)) && data.dropFirst(8).starts(with: Array("WEBP".utf8)))
  }
}
