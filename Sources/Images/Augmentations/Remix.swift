import Schemas
import Tensors

/// Mixup that decides close calls in favour of the rarer class (Chou et al. 2020, arXiv 2007.03943).
///
/// Pictures are blended as by mixup, `x = lambda * a + (1 - lambda) * b`. With n(a) and n(b) how often the classes of the
/// two occur, the label's lambda is
///
///     0       when n(a) / n(b) >= kappa    and lambda < tau        all for b, the rarer one
///     1       when n(a) / n(b) <= 1/kappa  and 1 - lambda < tau    all for a, the rarer one
///     lambda  otherwise
///
/// Herbariograph exchanged lambda and 1 - lambda in the two conditions and their results, so that the more frequent
/// class is favoured where its share is above 1 - tau; its defaults, kappa 1 and tau 0, let labels as mixup makes them.
/// The class of a label that is mixed already is its greatest.
public struct Remix: BatchAugmentation {
  public static let schema = Schema(
    "remix", help: "mixup whose label goes to the rarer class where the more frequent one has the smaller share",
    options: MixingDraw.optionSchemas(alpha: 1, mode: "beta") + [
      OptionSchema(
        "kappa", .number, default: .number(3), minimum: 0.000_001, maximum: 1e9,
        help: "how many times more frequent a class must be to give way"),
      OptionSchema(
        "tau", .number, default: .number(0.5), minimum: 0, maximum: 1,
        help: "it gives way where its share is below this"),
      OptionSchema(
        "variant", .choice(Variant.allCases.map(\.rawValue)), default: .string(Variant.paper.rawValue),
        help: "the rule of the paper, or that of Herbariograph, which favours the more frequent class"),
      OptionSchema(
        "counts", .choice(["train", "batch"]), default: .string("train"),
        help: "whether classes are counted in the training pictures or in each batch"),
      OptionSchema(
        "class_counts", .list(.number), minimum: 0,
        help: "How often each class of the model occurs; as counted in the training pictures when left out"),
      .probability(default: 1),
    ])

  public enum Variant: String, CaseIterable, Sendable {
    case paper, herbariograph
  }

  public let kappa: Float
  public let tau: Float
  public let variant: Variant
  public let countsBatch: Bool
  private let draw: MixingDraw
  private let givenCounts: [Float]?
  private var fittedCounts: [Float]?

  /// - Throws: `OptionError` when `class_counts` is empty or all zeros, or given for counts of the batch.
  public init(options: Options) throws {
    draw = MixingDraw(options: options)
    kappa = Float(options.number("kappa"))
    tau = Float(options.number("tau"))
    variant = Variant(rawValue: options.string("variant")) ?? .paper
    countsBatch = options.string("counts") == "batch"
    givenCounts = options["class_counts"] == nil ? nil : options.numbers("class_counts").map { Float($0) }
    func refuse(_ expected: String, _ found: String) -> OptionError {
      .wrongType(owner: options.owner, name: "class_counts", expected: expected, found: found)
    }
    if let givenCounts, !givenCounts.contains(where: { $0 > 0 }) {
      throw refuse("at least one number above 0", givenCounts.isEmpty ? "none" : "only zeros")
    }
    if givenCounts != nil, countsBatch { throw refuse("left out where counts is 'batch'", "a list") }
  }

  public func fitted(toClassCounts counts: [Double]) throws -> any BatchAugmentation {
    var fitted = self
    if let givenCounts, givenCounts.count != counts.count {
      throw AugmentationError.classCounts(
        augmentation: Remix.schema.name, found: givenCounts.count, classes: counts.count)
    }
    fitted.fittedCounts = counts.map { Float($0) }
    return fitted
  }

  public func apply(_ batch: inout PixelBatch, streams: inout [RandomStream]) {
    let counts = counts(for: batch)
    let classOfRow = (0..<batch.count).map { batch.greatestLabel(of: $0) }
    let pairs = draw.pairs(count: batch.count, streams: &streams)
    batch.blend(pairs)
    let shares = (0..<batch.count).map { i in
      share(
        of: pairs.shares[i], first: counts[classOfRow[i]], second: counts[classOfRow[pairs.partners[i]]])
    }
    batch.mixLabels(partners: pairs.partners, shares: shares)
  }

  /// The partner's share of the label, from its share of the pixels.
  ///
  /// - Parameters:
  ///   - first: how often the picture's class occurs.
  ///   - second: how often the partner's does.
  public func share(of share: Float, first: Float, second: Float) -> Float {
    // Two classes that were never counted.
    if first == second, kappa > 1 { return share }
    // Without divisions, so that a class that was never counted is just a rare one.
    let firstIsFrequent = first >= kappa * second
    let secondIsFrequent = kappa * first <= second
    switch variant {
    case .paper:
      if secondIsFrequent, share < tau { return 0 }
      return firstIsFrequent && 1 - share < tau ? 1 : share
    case .herbariograph:
      if secondIsFrequent, 1 - share < tau { return 1 }
      return firstIsFrequent && share < tau ? 0 : share
    }
  }

  private func counts(for batch: PixelBatch) -> [Float] {
    if countsBatch { return batch.labelSums }
    guard let counts = givenCounts ?? fittedCounts else {
      preconditionFailure("remix: fitted(toClassCounts:) comes before apply")
    }
    return counts
  }
}

extension PixelBatch {
  /// The class with the greatest share of a picture's label, the first of several.
  fileprivate func greatestLabel(of picture: Int) -> Int {
    let row = labels + picture * classes
    return (1..<max(1, classes)).reduce(0) { row[$1] > row[$0] ? $1 : $0 }
  }

  /// How much of each class there is in the batch.
  fileprivate var labelSums: [Float] {
    (0..<classes).map { k in (0..<count).reduce(Float(0)) { $0 + labels[$1 * classes + k] } }
  }
}
