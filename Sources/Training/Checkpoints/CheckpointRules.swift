import Schemas

/// Which epochs of a run leave a model file behind: those that any of the rules wants.
public struct CheckpointRules: Equatable, Sendable {
  /// The best epochs in one metric.
  public struct Best: Equatable, Sendable {
    /// One of `EpochRecord.metricNames`.
    public var metric: String
    public var mode: EarlyStopping.Mode
    /// How many of them.
    public var count: Int

    /// - Parameter mode: nil: a loss is to fall, all else to rise.
    public init(metric: String = "validation.macro_f1", mode: EarlyStopping.Mode? = nil, count: Int = 1) {
      self.metric = metric
      self.mode = mode ?? EarlyStopping.Mode(ofMetric: metric)
      self.count = count
    }

    init(options: Options) {
      self.init(
        metric: options.string("metric"),
        mode: options.optionalString("mode").flatMap(EarlyStopping.Mode.init(rawValue:)),
        count: options.integer("count"))
    }

    /// Their numbers; of equals the earlier, as for the best model of a run.
    func epochs(of history: ArraySlice<EpochRecord>) -> [Int] {
      let values = history.compactMap { record in record.metric(metric).map { (epoch: record.epoch, value: $0) } }
      let sorted = values.filter { !$0.value.isNaN }.sorted { a, b in
        if a.value == b.value { return a.epoch < b.epoch }
        return mode == .minimum ? a.value < b.value : a.value > b.value
      }
      return sorted.prefix(count).map(\.epoch)
    }
  }

  /// The epochs that this number divides; nil: none for this reason.
  public var every: Int?
  public var best: Best?
  /// So many of the latest; nil: none for this reason.
  public var last: Int?
  /// No epoch before this one.
  public var from: Int

  public init(every: Int? = nil, best: Best? = nil, last: Int? = nil, from: Int = 1) {
    self.every = every
    self.best = best
    self.last = last
    self.from = from
  }

  public static let bestSchema = Schema(
    "checkpoints.best", help: "Keeps the model files of the best epochs.",
    options: [
      OptionSchema(
        "metric", .choice(EpochRecord.metricNames), default: .string("validation.macro_f1"), help: "What is compared."),
      OptionSchema(
        "mode", .choice(EarlyStopping.Mode.allCases.map(\.rawValue)),
        help: "Which is better; from the metric's name when left out: a loss is to fall, all else to rise."),
      OptionSchema("count", .integer, default: .integer(1), minimum: 1, maximum: 1e9, help: "How many epochs."),
    ])

  public static let schema = Schema(
    "checkpoints",
    help: "Keeps a model file of every epoch that one of these asks for, in the run folder, for `run.checkpoints`.",
    options: [
      OptionSchema("every_epoch", .boolean, default: .boolean(false), help: "All epochs; the same as every = 1."),
      OptionSchema(
        "every", .integer, minimum: 1, maximum: 1e9, help: "Every so many epochs: those that this number divides."),
      OptionSchema(
        "best", .table,
        help: "The best epochs, as in { metric = \"validation.macro_f1\", count = 3 }; see the table below."),
      OptionSchema("last", .integer, minimum: 1, maximum: 1e9, help: "So many of the latest epochs."),
      OptionSchema(
        "from", .integer, default: .integer(1), minimum: 1, maximum: 1e9, help: "No epoch before this one."),
    ])

  /// - Parameters:
  ///   - options: of `schema`.
  ///   - best: of `bestSchema`; nil without that table.
  /// - Throws: `TrainingError.setting` when they ask for nothing, or for two things at once.
  public init(options: Options, best: Options?) throws(TrainingError) {
    self.init(
      every: options.optionalInteger("every"), best: best.map { Best(options: $0) },
      last: options.optionalInteger("last"), from: options.integer("from"))
    if options.boolean("every_epoch") {
      if let every, every != 1 {
        throw .setting("checkpoints: every_epoch and every = \(every) cannot both be")
      }
      every = 1
    }
    if every == nil, self.best == nil, last == nil {
      throw .setting("checkpoints: one of every_epoch, every, best and last must say which epochs to keep")
    }
  }

  /// The epochs whose files are there when the history is this one.
  public func kept(of history: [EpochRecord]) -> Set<Int> {
    let candidates = history.drop { $0.epoch < from }
    var kept = Set(best?.epochs(of: candidates) ?? [])
    kept.formUnion(candidates.suffix(last ?? 0).map(\.epoch))
    if let every { kept.formUnion(candidates.lazy.map(\.epoch).filter { $0 % every == 0 }) }
    return kept
  }

  /// More files than this are never kept at a time.
  public func maximumCount(epochs: Int) -> Int {
    let all = max(0, epochs - from + 1)
    let regular = every.map { max(0, epochs / $0 - (from - 1) / $0) } ?? 0
    return min(all, regular + min(all, best?.count ?? 0) + min(all, last ?? 0))
  }

  /// More files than this are never there at a time: a new one is complete before an old one is deleted.
  public func maximumFiles(epochs: Int) -> Int {
    let count = maximumCount(epochs: epochs)
    return min(max(0, epochs - from + 1), count + (best == nil && last == nil ? 0 : 1))
  }
}

extension EarlyStopping.Mode {
  /// A loss is to fall, all else to rise.
  init(ofMetric name: String) { self = name.hasSuffix("loss") ? .minimum : .maximum }
}
