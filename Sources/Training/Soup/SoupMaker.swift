import Datasets
import Foundation
import Inference
import Layers
import ModelFiles
import Networks
import Tensors

/// Makes one model of several versions of it, by averaging their weights.
///
///     candidates --measure each--> ranking --select--> ingredients --one by one--> soup
///
/// Pictures are decoded once, as far as the memory for them goes; one inference plan serves all models, whose weights take
/// turns in it. Into the folder go `soup.tsv` (what became of each candidate), `soup.json` (the state to continue
/// from) and `soup.safetensors`.
///
/// The same candidates, data, settings and build give the same bits, for any number of threads, with or without an
/// interruption. Not thread-safe.
public final class SoupMaker {
  public static let modelName = "soup.safetensors"
  public static let tableName = "soup.tsv"
  public static let stateName = "soup.json"

  private let candidates: [SoupCandidate]
  private let dataset: Dataset
  private let split: Split
  private let settings: SoupSettings
  private let folder: String
  private let pool: WorkerPool
  private let note: (String) -> Void
  private let progress: (InferenceProgress) -> Void
  private let shouldStop: @Sendable () -> Bool

  private var state: SoupState
  private var kitchen: SoupKitchen?
  /// What cannot be used.
  private var unusable: [SoupRow] = []
  /// The value of each candidate alone; nil when it cannot be used.
  private var values: [Double?] = []
  private var evaluations = 0

  /// - Parameters:
  ///   - candidates: one that stands there twice counts once.
  ///   - split: decides; training pictures are used for batch norms' statistics only.
  ///   - folder: made if need be.
  ///   - note: hears of every decision.
  ///   - progress: called after each batch.
  ///   - shouldStop: asked before each batch; true ends it with everything saved that was measured.
  public init(
    candidates: [SoupCandidate], dataset: Dataset, split: Split, settings: SoupSettings, folder: String,
    pool: WorkerPool, note: @escaping (String) -> Void = { _ in },
    progress: @escaping (InferenceProgress) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    var seen: Set<String> = []
    self.candidates = candidates.filter { seen.insert($0.name).inserted }
    self.dataset = dataset
    self.split = split
    self.settings = settings
    self.folder = folder
    self.pool = pool
    self.note = note
    self.progress = progress
    self.shouldStop = shouldStop
    state = SoupState(fingerprint: "", choice: "")
  }

  /// - Parameter resume: go on from what an interrupted soup of the same candidates, data and settings has measured; a
  ///   finished one is loaded.
  /// - Throws: `SoupError` (`.interrupted` when `shouldStop` said so); `ModelFileError`, `DatasetError`, `InferenceError`,
  ///   `NetworkError`, `TrainingError.cannotMakeFolder`.
  public func run(resume: Bool = false) throws -> SoupResult {
    if candidates.isEmpty { throw SoupError.noCandidates(what: "models") }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TrainingError.cannotMakeFolder(path: folder, reason: (error as NSError).localizedDescription)
    }
    let fingerprint = "\(split) split of \(dataset.contentHash()), \(settings.measurement)"
    let earlier = resume ? SoupState.read(path(Self.stateName)) : nil
    state = SoupState(fingerprint: fingerprint, choice: settings.choice)
    var usable = earlier?.fingerprint == fingerprint ? earlier : nil
    if let choice = usable?.choice, choice != settings.choice {
      // Another choice among the same candidates: what each came to alone holds.
      usable?.decisions = []
      usable?.value = nil
    }
    do {
      return try make(usable)
    } catch InferenceError.interrupted {
      throw SoupError.interrupted(state: path(Self.stateName), evaluated: evaluations)
    }
  }

  private func path(_ name: String) -> String { folder + "/" + name }

  private func make(_ earlier: SoupState?) throws -> SoupResult {
    try measure(earlier)
    let places = values.indices.filter { values[$0] != nil }
    let merits = places.compactMap { values[$0] }
    if places.isEmpty {
      throw SoupError.noneUsable(
        count: candidates.count, first: unusable[0].file, reason: unusable[0].message)
    }
    let ranking = SoupSelection.all.ranking(of: merits, metric: settings.metric).map { places[$0] }
    let chosen = settings.selection.ranking(of: merits, metric: settings.metric).map { places[$0] }
    guard !chosen.isEmpty else {
      throw SoupError.noneSelected(metric: settings.metric.rawValue, best: values[ranking[0]] ?? .nan)
    }
    var rows = ranking.enumerated().map { rank, place in
      SoupRow(
        rank: rank + 1, file: candidates[place].name, value: values[place], soupValue: nil, decision: .notSelected)
    }
    note("soup: \(chosen.count) of \(candidates.count) models are ingredients, best \(text(values[chosen[0]] ?? .nan))")
    // An earlier choice of the same measurements is the same.
    let decisions = earlier.map { $0.measured == state.measured ? $0.decisions : [] } ?? []
    state.decisions = decisions
    if let value = earlier?.value, earlier?.measured == state.measured, decisions.count == chosen.count,
      let model = try? Model.load(from: path(Self.modelName), pool: pool)
    {
      for (rank, decision) in decisions.enumerated() { apply(decision, rank: rank, to: &rows) }
      return SoupResult(
        model: model, metric: settings.metric, value: value, split: "\(split)", rows: rows + unusable)
    }
    let value =
      switch settings.method {
      case .greedy: try cookGreedily(chosen, decisions, &rows)
      case .uniform: try cookAll(chosen, &rows)
      }
    return try finish(value, rows, best: chosen[0])
  }

  // MARK: Candidates alone

  /// Fills `values`: of what an earlier process has measured, the file is not even opened.
  private func measure(_ earlier: SoupState?) throws {
    values = []
    unusable = []
    for (place, candidate) in candidates.enumerated() {
      let identity = candidate.identity
      let known = earlier?.measured.first { $0.file == candidate.name && $0.identity == identity }
      let measurement: SoupState.Measurement
      if let known {
        measurement = known
      } else {
        measurement = try measure(candidate, place: place, identity: identity)
      }
      state.measured.append(measurement)
      values.append(measurement.value)
      if measurement.value == nil {
        unusable.append(
          SoupRow(
            rank: nil, file: candidate.name, value: nil, soupValue: nil, decision: .unusable,
            message: measurement.message))
        if known == nil { note("soup: left out: \(measurement.message)") }
      }
      if known == nil {
        state.decisions = []
        try state.write(to: path(Self.stateName))
      }
    }
  }

  private func measure(
    _ candidate: SoupCandidate, place: Int, identity: String
  ) throws -> SoupState.Measurement {
    func unusable(_ reason: String) -> SoupState.Measurement {
      SoupState.Measurement(file: candidate.name, identity: identity, value: nil, message: reason)
    }
    let model: Model
    do {
      model = try candidate.load(pool: pool)
    } catch {
      return unusable("\(error)")
    }
    let kitchen = try kitchen(for: model, name: candidate.name)
    let value = try evaluate(model.parameters, in: kitchen, passes: place)
    if !value.isFinite { return unusable("\(candidate.name): its \(settings.metric.rawValue) is not a number") }
    note("soup: \(place + 1) of \(candidates.count)  \(candidate.name)  \(settings.metric.rawValue) \(text(value))")
    return SoupState.Measurement(file: candidate.name, identity: identity, value: value)
  }

  /// The kitchen, made for the first model; all others must be versions of it.
  private func kitchen(for model: Model, name: String) throws -> SoupKitchen {
    if let kitchen {
      if let what = model.objection(toMixingWith: kitchen.reference) {
        throw SoupError.mismatch(file: name, reference: kitchen.referenceName, what: what)
      }
      return kitchen
    }
    let made = try SoupKitchen(
      reference: model, name: name, dataset: dataset, split: split, settings: settings, pool: pool)
    if let remark = made.remark { note("soup: " + remark) }
    kitchen = made
    return made
  }

  private func evaluate(_ parameters: ParameterSet?, in kitchen: SoupKitchen, passes: Int) throws -> Double {
    let pictures = kitchen.pictureCount
    let total = pictures * (2 * candidates.count)
    let value = try kitchen.value(
      of: parameters,
      progress: { [progress] in
        progress(
          InferenceProgress(
            done: min(total, passes * pictures + $0.done), total: total, imagesPerSecond: $0.imagesPerSecond,
            secondsLeft: nil))
      }, shouldStop: shouldStop)
    evaluations += 1
    return value
  }

  // MARK: The soup

  private func load(_ place: Int) throws -> ParameterSet {
    let model = try candidates[place].load(pool: pool)
    _ = try kitchen(for: model, name: candidates[place].name)
    return model.parameters
  }

  private func cookGreedily(
    _ chosen: [Int], _ earlier: [SoupState.Decision], _ rows: inout [SoupRow]
  ) throws -> Double {
    let logic = GreedySoup(metric: settings.metric, tolerance: settings.tolerance, isStrict: settings.isStrict)
    var newcomer: (rank: Int, parameters: ParameterSet)?
    func parameters(_ rank: Int) throws -> ParameterSet {
      if let newcomer, newcomer.rank == rank { return newcomer.parameters }
      let loaded = try load(chosen[rank])
      newcomer = (rank, loaded)
      return loaded
    }
    let first = try parameters(0)
    let average = WeightAverage(like: first, update: settings.update)
    return try logic.run(
      count: chosen.count, first: values[chosen[0]] ?? .nan,
      earlier: earlier.enumerated().map { .init(rank: $0, value: $1.value, isKept: $1.isKept) },
      measure: { rank in
        let parameters = try parameters(rank)
        let kitchen = try startedKitchen()
        try kitchen.mix(average, with: parameters, shouldStop: shouldStop)
        return try evaluate(nil, in: kitchen, passes: candidates.count + rank)
      },
      decided: { decision, isNew in
        if decision.isKept { average.add(try parameters(decision.rank)) }
        let stored = SoupState.Decision(value: decision.value, isKept: decision.isKept)
        apply(stored, rank: decision.rank, to: &rows)
        if isNew {
          state.decisions.append(stored)
          try state.write(to: path(Self.stateName))
          try writeTable(rows)
          note(line(rows[decision.rank], of: chosen.count))
        }
        if decision.rank == chosen.count - 1 { try startedKitchen().mix(average, shouldStop: shouldStop) }
      })
  }

  private func cookAll(_ chosen: [Int], _ rows: inout [SoupRow]) throws -> Double {
    let first = try load(chosen[0])
    let average = WeightAverage(like: first, update: settings.update)
    for (rank, place) in chosen.enumerated() {
      if shouldStop() { throw InferenceError.interrupted(done: rank, total: chosen.count) }
      average.add(rank == 0 ? first : try load(place))
      rows[rank].decision = .kept
    }
    let kitchen = try startedKitchen()
    try kitchen.mix(average, shouldStop: shouldStop)
    let value = try evaluate(nil, in: kitchen, passes: candidates.count)
    // Nothing is decided one by one; the value stands with the last.
    rows[chosen.count - 1].soupValue = value
    state.decisions = chosen.indices.map { SoupState.Decision(value: $0 == chosen.count - 1 ? value : 0, isKept: true) }
    note("soup: all \(chosen.count): \(settings.metric.rawValue) \(text(value))")
    return value
  }

  /// Made when the first ingredient was loaded.
  private func startedKitchen() throws -> SoupKitchen {
    guard let kitchen else { throw SoupError.noCandidates(what: "models") }
    return kitchen
  }

  private func apply(_ decision: SoupState.Decision, rank: Int, to rows: inout [SoupRow]) {
    rows[rank].decision = decision.isKept ? .kept : .dropped
    if settings.method == .greedy || rank == state.decisions.count - 1 { rows[rank].soupValue = decision.value }
  }

  /// - Parameter best: the candidate whose name and origin the soup takes over: always an ingredient.
  private func finish(_ value: Double, _ rows: [SoupRow], best: Int) throws -> SoupResult {
    guard value.isFinite else { throw SoupError.notFinite(metric: settings.metric.rawValue) }
    let kept = rows.filter { $0.decision == .kept }
    let kitchen = try startedKitchen()
    let best = try candidates[best].load(pool: pool)
    var facts = best.provenance.merging(settings.provenance) { _, new in new }
    for name in EpochRecord.metricNames + ["epoch"] { facts[name] = nil }
    facts["soup"] =
      "\(settings.method.rawValue), update \(settings.update.rawValue), \(kept.count) of \(candidates.count) models"
    // Relative to the run's folder, so that the file does not depend on where that is.
    let home = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/"
    facts["soup.ingredients"] =
      kept.map { $0.file.hasPrefix(home) ? String($0.file.dropFirst(home.count)) : $0.file }.joined(separator: ", ")
    facts["soup.\(settings.metric.rawValue)"] = "\(value) on the \(split) split"
    let model = kitchen.reference.with(
      name: best.name + "-soup", parameters: kitchen.parameters.copy(), provenance: facts)
    try model.save(to: path(Self.modelName), pool: pool)
    try writeTable(rows)
    state.value = value
    try state.write(to: path(Self.stateName))
    return SoupResult(
      model: model, metric: settings.metric, value: value, split: "\(split)", rows: rows + unusable)
  }

  private func writeTable(_ rows: [SoupRow]) throws {
    try AtomicFile.write(
      SoupResult.table(rows + unusable, metric: settings.metric), to: path(Self.tableName))
  }

  private func line(_ row: SoupRow, of count: Int) -> String {
    "soup: \(row.rank ?? 0) of \(count)  \(row.file)  \(settings.metric.rawValue) \(text(row.value ?? .nan)), with it "
      + "\(text(row.soupValue ?? .nan)): \(row.decision.rawValue)"
  }

  private func text(_ value: Double) -> String { String(format: "%.4f", value) }
}
