import Schemas

/// One number for each class that follows from the class counts: a loss's weights, or what it adds to the logits.
struct ClassTerms: Sendable {
  private let options: Options
  private let rule: @Sendable (ClassCounts) -> [Double]
  private var fitted: [Double]?

  /// - Parameters:
  ///   - options: of a loss with the option `class_counts`, which may do without `fit`.
  ///   - rule: gives the numbers for class counts.
  /// - Throws: `LossError.onlyZeros`.
  init(_ options: Options, rule: @escaping @Sendable (ClassCounts) -> [Double]) throws {
    self.options = options
    self.rule = rule
    fitted = try ClassTerms.given(options).map(rule)
  }

  /// For these class counts, unless the option says others.
  ///
  /// - Throws: `LossError.classCounts` when the option has another number of classes.
  mutating func fit(toClassCounts counts: [Double]) throws {
    let given = try ClassTerms.given(options)
    if let given, given.values.count != counts.count {
      throw LossError.classCounts(found: given.values.count, classes: counts.count)
    }
    fitted = rule(given ?? ClassCounts(counts))
  }

  /// The numbers, one for each class.
  var values: [Double] {
    guard let fitted else { preconditionFailure("\(options.owner): fitted(toClassCounts:) comes before evaluate") }
    return fitted
  }

  private static func given(_ options: Options) throws -> ClassCounts? {
    guard options["class_counts"] != nil else { return nil }
    let counts = ClassCounts(options.numbers("class_counts"))
    if counts.total <= 0 { throw LossError.onlyZeros(option: "class_counts") }
    return counts
  }
}
