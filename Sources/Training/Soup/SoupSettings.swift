import Layers
import Schemas

/// How a soup is made.
public struct SoupSettings {
  public enum Method: String, CaseIterable, Codable, Sendable {
    /// Wortsman et al. 2022, recipe 1: from the best ingredient down, each is kept when the soup with it is no worse.
    case greedy
    /// All ingredients.
    case uniform
  }

  /// What becomes of the soup when an ingredient joins it.
  public enum Update: String, CaseIterable, Codable, Sendable {
    /// The mean of all that are in it.
    case uniform
    /// The mean of the soup and the newcomer, which then weighs as much as all before it: that of Herbariograph's script.
    case pairwise
  }

  public var metric = SoupMetric.macroF1
  public var selection = SoupSelection.all
  public var method = Method.greedy
  public var update = Update.uniform
  /// By how much the metric may fall when an ingredient joins.
  public var tolerance = 0.0
  /// Whether it must rise (by more than minus `tolerance`), as against not fall.
  public var isStrict = false
  /// Batches of training pictures from which batch norms' statistics are computed anew for each soup; 0: averaged.
  public var statisticsBatches = 64
  public var batchSize = 32
  /// Memory for decoded pictures, in bytes.
  public var cacheBudget = 1 << 30
  /// The share of unreadable pictures above which it stops; nil: 0.05, and ten are always allowed.
  public var failureLimit: Double?
  /// Of the metric `loss`: the part of each label that is spread evenly over all classes.
  public var labelSmoothing = 0.0
  /// Of the pictures for batch norms' statistics.
  public var seed = 1
  /// Facts for the model file's provenance: recipe, parameters, versions.
  public var provenance: [String: String] = [:]

  public init() {}

  public static let selectSchema = Schema(
    "soup.select", help: "Which candidates are ingredients: one of the three; without the table, all.",
    options: [
      OptionSchema(
        "percentile", .number, minimum: 0, maximum: 100,
        help:
          "Those at or above this percentile of the candidates' values (numpy's linear one; of a loss, from the other end)."
      ),
      OptionSchema("threshold", .number, help: "Those whose value is at least this; of a loss, at most."),
      OptionSchema("best", .integer, minimum: 1, help: "So many of the best."),
    ])

  /// The options that stand beside models, data and split in a recipe.
  public static let optionSchemas: [OptionSchema] = [
    OptionSchema(
      "metric", .choice(SoupMetric.allCases.map(\.rawValue)), default: .string("macro_f1"),
      help: "What decides; all but the loss are to rise."),
    OptionSchema(
      "select", .table, help: "Which candidates are ingredients, as in { percentile = 60 }; see the table below."),
    OptionSchema(
      "method", .choice(Method.allCases.map(\.rawValue)), default: .string("greedy"),
      help: "Greedy: from the best down, each is kept when the soup with it is no worse; uniform: all of them."),
    OptionSchema(
      "update", .choice(Update.allCases.map(\.rawValue)), default: .string("uniform"),
      help:
        "Uniform: the mean of all that are in it; pairwise: the mean of the soup and the newcomer, as Herbariograph's."
    ),
    OptionSchema(
      "tolerance", .number, default: .number(0), minimum: 0, help: "By how much the metric may fall at each step."),
    OptionSchema(
      "strict", .boolean, default: .boolean(false), help: "The metric must rise, as against not fall, at each step."),
    OptionSchema(
      "batch_norm_batches", .integer, default: .integer(64), minimum: 0, maximum: 1e9,
      help:
        "Batches of training pictures, as they are, from which batch norms' statistics are computed anew; 0: averaged."),
    OptionSchema("batch", .integer, default: .integer(32), minimum: 1, maximum: 65536, help: "Pictures a step."),
    OptionSchema(
      "cache", .number, default: .number(1024), minimum: 0, maximum: 1e9,
      help: "Megabytes of memory for decoded pictures; those beyond are decoded for each model."),
    OptionSchema(
      "failure_limit", .number, minimum: 0, maximum: 1,
      help: "The share of unreadable pictures above which it stops; left out: 0.05, and ten are always allowed."),
    OptionSchema(
      "label_smoothing", .number, default: .number(0), minimum: 0, maximum: 1,
      help: "Of the loss: the part of each label that is spread evenly over all classes."),
  ]

  /// Takes over the values of `optionSchemas`.
  ///
  /// - Parameter select: of `selectSchema`; nil without that table.
  /// - Throws: `SoupError.selection` unless there is exactly one way to select.
  public mutating func apply(_ options: Options, select: Options?) throws(SoupError) {
    metric = SoupMetric(rawValue: options.string("metric")) ?? .macroF1
    method = Method(rawValue: options.string("method")) ?? .greedy
    update = Update(rawValue: options.string("update")) ?? .uniform
    tolerance = options.number("tolerance")
    isStrict = options.boolean("strict")
    statisticsBatches = options.integer("batch_norm_batches")
    batchSize = options.integer("batch")
    cacheBudget = Int(options.number("cache") * 1_048_576)
    failureLimit = options.optionalNumber("failure_limit")
    labelSmoothing = options.number("label_smoothing")
    guard let select else { return }
    let ways: [SoupSelection?] = [
      select.optionalNumber("percentile").map { .percentile($0) },
      select.optionalNumber("threshold").map { .threshold($0) }, select.optionalInteger("best").map { .best($0) },
    ]
    guard let way = ways.compactMap(\.self).first, ways.compactMap(\.self).count == 1 else { throw .selection }
    selection = way
  }

  /// What a candidate's own value depends on, in words, for the state of an interrupted soup.
  var measurement: String { "\(metric.rawValue), batch \(batchSize), smoothing \(labelSmoothing)" }

  /// What the decisions depend on besides.
  var choice: String {
    "\(selection), \(method.rawValue), \(update.rawValue), tolerance \(tolerance), strict \(isStrict), "
      + "statistics \(statisticsBatches), seed \(seed)"
  }
}
