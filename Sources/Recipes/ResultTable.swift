import Foundation

/// The figures that a recipe states by `wb.result`, and their mean over the turns of `wb.repeats`.
final class ResultTable {
  struct Figure: Codable, Equatable {
    let name: String
    /// One a turn.
    var values: [Double]
  }

  private(set) var figures: [Figure] = []

  func add(_ name: String, _ value: Double) {
    if let index = figures.firstIndex(where: { $0.name == name }) {
      figures[index].values.append(value)
    } else {
      figures.append(Figure(name: name, values: [value]))
    }
  }
}

extension ResultTable.Figure {
  var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The sample standard deviation (divided by n - 1); nil for fewer than two.
  var deviation: Double? {
    if values.count < 2 { return nil }
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }
}

extension RecipeSession {
  /// `wb.result("test accuracy", 0.9123)` prints `test accuracy 0.9123` and keeps it in `run.json`.
  func result(_ call: LuaCall) throws -> LuaValue {
    guard case .string(let name) = call[0] else {
      throw RequestError.invalid(
        owner: "result", reason: "the first argument must be a name, not \(call[0].kindDescription)")
    }
    let value: Double
    switch call[1] {
    case .integer(let number): value = Double(number)
    case .number(let number): value = number
    default:
      throw RequestError.invalid(
        owner: "result", reason: "the second argument must be a number, not \(call[1].kindDescription)")
    }
    // There is nothing to state before anything was computed.
    if isChecking { return .none }
    results.add(name, value)
    console.output(Self.line(name, value) + (turns > 1 ? " (repeat \(turn + 1) of \(turns), seed \(seed))" : ""))
    return .none
  }

  /// `wb.repeats(count, function(seed) ... end)`: runs the function `count` times with seed, seed + 1, ...; partitions
  /// and trainings within use that seed. In check mode it runs once.
  func repeats(_ call: LuaCall) throws -> LuaValue {
    guard case .integer(let count) = call[0], (1...1000).contains(count) else {
      throw RequestError.invalid(
        owner: "repeats", reason: "the first argument must be an integer from 1 to 1000, not \(call[0].kindDescription)"
      )
    }
    guard case .function(let body) = call[1] else {
      throw RequestError.invalid(
        owner: "repeats", reason: "the second argument must be a function of the seed, not \(call[1].kindDescription)")
    }
    guard turns == 1 else {
      throw RequestError.invalid(owner: "repeats", reason: "cannot stand within another repeats")
    }
    turns = isChecking ? 1 : count
    defer {
      turn = 0
      turns = 1
    }
    var values: [LuaValue] = []
    for index in 0..<turns {
      turn = index
      if turns > 1 { console.note("repeat \(index + 1) of \(turns), seed \(seed)") }
      values.append(try body.call([.integer(seed)]))
    }
    if turns > 1 { stateMeans() }
    return .table(LuaTable(list: values))
  }

  /// The last lines have the same form as those of a single run.
  private func stateMeans() {
    let repeated = results.figures.filter { $0.values.count == turns }
    for figure in repeated {
      guard let deviation = figure.deviation else { continue }
      console.output(
        "\(figure.name): mean \(Self.fixed(figure.mean)), standard deviation \(Self.fixed(deviation)) of "
          + "\(figure.values.count) repeats")
    }
    for figure in repeated { console.output(Self.line(figure.name, figure.mean)) }
  }

  private static func line(_ name: String, _ value: Double) -> String { "\(name) \(fixed(value))" }

  static func fixed(_ value: Double) -> String { String(format: "%.4f", value) }
}
