import Schemas

/// A weighted sum of losses: `loss = sum over parts of weight * part`.
public struct CombinedLoss: Loss {
  public static let schema = Schema(
    "combine", help: "A weighted sum of losses.",
    options: [
      OptionSchema(
        "losses", .list(.table), required: true,
        help: "Tables with 'loss' (a name), 'options' (a table) and 'weight' (1 when left out).")
    ])

  public let options: Options
  private let parts: [(loss: any Loss, weight: Double)]

  /// - Parameter parts: losses with their factors, which are not negative.
  /// - Throws: `LossError.noParts`, `.onlyZeros`.
  public init(_ parts: [(loss: any Loss, weight: Double)]) throws {
    let tables = parts.map { part in
      OptionValue.table([
        "loss": .string(type(of: part.loss).schema.name), "options": .table(part.loss.options.values),
        "weight": .number(part.weight),
      ])
    }
    try self.init(parts, options: Options(["losses": .list(tables)], schema: CombinedLoss.schema))
  }

  /// - Throws: `LossError.part`, and what `LossRegistry.loss` throws.
  public init(options: Options) throws {
    guard case .list(let tables)? = options["losses"] else { throw LossError.noParts }
    let parts = try tables.enumerated().map { index, table in
      try CombinedLoss.part(table, number: index + 1)
    }
    try self.init(parts, options: options)
  }

  private init(_ parts: [(loss: any Loss, weight: Double)], options: Options) throws {
    if parts.isEmpty { throw LossError.noParts }
    if parts.allSatisfy({ $0.weight == 0 }) { throw LossError.onlyZeros(option: "weight") }
    self.options = options
    self.parts = parts
  }

  private static func part(_ value: OptionValue, number: Int) throws -> (loss: any Loss, weight: Double) {
    guard case .table(let table) = value, case .string(let name)? = table["loss"],
      table.keys.allSatisfy({ ["loss", "options", "weight"].contains($0) })
    else { throw LossError.part(number) }
    let weight: Double
    switch table["weight"] {
    case nil: weight = 1
    case .number(let number)? where number >= 0 && number.isFinite: weight = number
    case .integer(let integer)? where integer >= 0: weight = Double(integer)
    default: throw LossError.part(number)
    }
    switch table["options"] {
    case nil: return (try LossRegistry.loss(named: name), weight)
    case .table(let options)?: return (try LossRegistry.loss(named: name, options: options), weight)
    default: throw LossError.part(number)
    }
  }

  public func fitted(toClassCounts counts: [Double]) throws -> any Loss {
    try CombinedLoss(parts.map { (try $0.loss.fitted(toClassCounts: counts), $0.weight) }, options: options)
  }

  public func evaluate(_ batch: LossBatch, logitsGradient: UnsafeMutablePointer<Float>?) -> Double {
    guard let logitsGradient else {
      return parts.reduce(0) { $1.weight == 0 ? $0 : $0 + $1.weight * $1.loss.evaluate(batch, logitsGradient: nil) }
    }
    let size = batch.count * batch.classes
    var partGradient = [Float](repeating: 0, count: size)
    var sums = [Double](repeating: 0, count: size)
    var total = 0.0
    for part in parts where part.weight != 0 {
      total += part.weight * part.loss.evaluate(batch, logitsGradient: &partGradient)
      for i in 0..<size { sums[i] += part.weight * Double(partGradient[i]) }
    }
    for i in 0..<size { logitsGradient[i] = Float(sums[i]) }
    return total
  }
}
