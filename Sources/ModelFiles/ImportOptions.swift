import Images

/// What a person says about a model that its file does not say, or says otherwise. All nil: as the file says.
///
/// Meant for `.keras` files, which know neither classes nor preprocessing. A `.safetensors` file knows its size, which
/// then must be the same; labels, name, fit and range replace what it says.
public struct ImportOptions: Equatable, Sendable {
  /// Of the network's input.
  public var size: PictureSize?
  /// The names of the classes, in the order of the model's outputs.
  public var labels: [String]?
  /// What happens to a picture of another proportion.
  public var fit: Preprocessing.FitMode?
  /// What reports and tables call the model.
  public var name: String?
  /// What black and white become in the network's input.
  public var range: [Float]?

  public init(
    size: PictureSize? = nil, labels: [String]? = nil, fit: Preprocessing.FitMode? = nil, name: String? = nil,
    range: [Float]? = nil
  ) {
    self.size = size
    self.labels = labels
    self.fit = fit
    self.name = name
    self.range = range
  }

  /// The preprocessing with what was said.
  func applied(to preprocessing: Preprocessing) -> Preprocessing {
    var result = preprocessing
    if let fit { result.fit = fit }
    if let range { result.range = range }
    return result
  }
}

/// Height and width of a network's input in pixels.
public struct PictureSize: Equatable, Sendable, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// From `96`, for both sides, or from `96x128`, height first. nil for anything else.
  public init?(text: String) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { side in
      side.allSatisfy { $0.isASCII && $0.isNumber } ? Int(side) : nil
    }
    guard (1...2).contains(sides.count), let height = sides[0], let width = sides[sides.count - 1],
      (1...Preprocessing.maximumSide).contains(height), (1...Preprocessing.maximumSide).contains(width)
    else { return nil }
    self.init(height: height, width: width)
  }

  /// `96x128`
  public var description: String { "\(height)x\(width)" }
}
