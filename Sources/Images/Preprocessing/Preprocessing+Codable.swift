/// A preprocessing that cannot be.
public enum PreprocessingError: Error, Equatable, Sendable {
  case size(height: Int, width: Int)
  case sizeCount(Int)
  case padColour(count: Int)
  case range([Float])
}

extension PreprocessingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .size(let height, let width):
      "a picture size of \(height) x \(width) cannot be: sides are from 1 to \(Preprocessing.maximumSide), "
        + "with at most \(Preprocessing.maximumArea) pixels"
    case .sizeCount(let count): "the picture size has \(count) numbers, but must have 2: height, width"
    case .padColour(let count): "the pad colour has \(count) numbers, but must have 3: red, green, blue"
    case .range(let range): "the range \(range) must be two finite numbers, the lower one first"
    }
  }
}

extension Preprocessing {
  /// - Throws: `PreprocessingError` when a value is out of bounds; after this nothing that reads pictures traps.
  public func validate() throws(PreprocessingError) {
    let sides = 1...Preprocessing.maximumSide
    guard sides.contains(height), sides.contains(width), height * width <= Preprocessing.maximumArea else {
      throw .size(height: height, width: width)
    }
    guard padColour.count == 3 else { throw .padColour(count: padColour.count) }
    guard range.count == 2, range[0].isFinite, range[1].isFinite, range[0] < range[1], (range[1] - range[0]).isFinite
    else { throw .range(range) }
  }
}

extension Preprocessing: Codable {
  private enum CodingKeys: String, CodingKey {
    case height, width, decoder, resize, fit, rounded, range
    case dctScaling = "dct_scaling"
    case padColour = "pad_colour"
  }

  /// - Throws: `DecodingError` for a missing key or a wrong type, `PreprocessingError` for a value out of bounds.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      height: try values.decode(Int.self, forKey: .height),
      width: try values.decode(Int.self, forKey: .width),
      decoder: try values.decode(DecoderMode.self, forKey: .decoder),
      dctScaling: try values.decode(Bool.self, forKey: .dctScaling),
      resize: try values.decode(ResizeMode.self, forKey: .resize),
      fit: try values.decode(FitMode.self, forKey: .fit),
      padColour: try values.decode([UInt8].self, forKey: .padColour),
      rounded: try values.decode(Bool.self, forKey: .rounded),
      range: try values.decode([Float].self, forKey: .range))
    try validate()
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(height, forKey: .height)
    try values.encode(width, forKey: .width)
    try values.encode(decoder, forKey: .decoder)
    try values.encode(dctScaling, forKey: .dctScaling)
    try values.encode(resize, forKey: .resize)
    try values.encode(fit, forKey: .fit)
    try values.encode(padColour, forKey: .padColour)
    try values.encode(rounded, forKey: .rounded)
    try values.encode(range, forKey: .range)
  }
}
