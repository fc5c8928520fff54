import Schemas
import Tensors

/// How mixup and remix draw lambda and the partners.
struct MixingDraw: Sendable {
  let alpha: Double
  let isUniform: Bool
  let probability: Float

  /// Whom each picture of a batch is mixed with, and the partner's share, `1 - lambda`.
  struct Pairs {
    /// Itself where a picture is not to be changed.
    var partners: [Int]
    var shares: [Float]
  }

  static func optionSchemas(alpha: Double, mode: String) -> [OptionSchema] {
    [
      OptionSchema(
        "alpha", .number, default: .number(alpha), minimum: 0.001, maximum: 1000,
        help: "lambda is drawn from Beta(alpha, alpha)"),
      OptionSchema(
        "mode", .choice(["beta", "uniform"]), default: .string(mode),
        help: "uniform: lambda is uniform in 0 to 1, whatever alpha is"),
    ]
  }

  /// - Parameter options: with those of `optionSchemas` and `probability`.
  init(options: Options) {
    alpha = options.number("alpha")
    isUniform = options.string("mode") == "uniform"
    probability = Float(options.number("probability"))
  }

  /// - Parameter streams: one a picture.
  func pairs(count: Int, streams: inout [RandomStream]) -> Pairs {
    var pairs = Pairs(partners: Array(0..<count), shares: Array(repeating: 0, count: count))
    for i in 0..<count where streams[i].bool(probability: probability) {
      pairs.shares[i] = 1 - (isUniform ? streams[i].uniform() : streams[i].beta(alpha))
      pairs.partners[i] = streams[i].integer(below: count)
    }
    return pairs
  }
}
