import CWorkbenchPlugin
import HerbariumSheets

/// What a recipe may say about the sheets: the schema, in the order of `SheetOptions.init`.
enum OptionIndex: Int, CaseIterable { case task, seed, sheets, sheetsPerCollection, severity, drawnSize }

/// The largest number of sheets, and the largest seed: whole numbers that Lua and JSON keep exactly.
private let sheetsMaximum = 10_000_000
private let seedMaximum = 9_007_199_254_740_992.0

func optionSchema() -> [UnsafePointer<workbench_option>] {
  OptionIndex.allCases.map { index in
    var option = workbench_option()
    option.struct_size = UInt32(MemoryLayout<workbench_option>.size)
    option.presence = Int32(WORKBENCH_DEFAULT.rawValue)
    func integer(_ name: String, _ help: String, _ range: ClosedRange<Double>, default value: Int64?) {
      option.kind = Int32(WORKBENCH_INTEGER.rawValue)
      option.name = forever(name)
      option.help = forever(help)
      (option.minimum, option.maximum) = (range.lowerBound, range.upperBound)
      if let value { option.default_integer = value } else { option.presence = Int32(WORKBENCH_NO_DEFAULT.rawValue) }
    }
    switch index {
    case .task:
      option.kind = Int32(WORKBENCH_CHOICE.rawValue)
      option.name = forever("task")
      option.help = forever("what is to be told apart: stained from unstained sheets, or clubmosses from spikemosses")
      option.choices = forever(SheetTask.allCases.map { forever($0.rawValue) })
      option.choice_count = UInt32(SheetTask.allCases.count)
      option.default_string = forever(SheetTask.stained.rawValue)
    case .seed:
      integer("seed", "another number, other sheets", 0...seedMaximum, default: 1)
    case .sheets:
      integer("sheets", "how many there are, half of them of either class", 2...Double(sheetsMaximum), default: 1000)
    case .sheetsPerCollection:
      integer(
        "sheets_per_collection", "sheets that share paper, labels and scanner: one group, which no split divides",
        1...Double(sheetsMaximum), default: 8)
    case .severity:
      option.kind = Int32(WORKBENCH_NUMBERS.rawValue)
      option.name = forever("severity")
      option.help = forever("faintest and heaviest stain, from 0 (hardly seen) to 1 (black)")
      option.maximum = 1
      let range = UnsafeMutablePointer<Double>.allocate(capacity: 2)
      range.initialize(to: Double(SheetSettings().severity.lowerBound))
      (range + 1).initialize(to: Double(SheetSettings().severity.upperBound))
      option.default_list = UnsafePointer(range)
      option.default_list_count = 2
    case .drawnSize:
      let sizes = SheetPainter.sizes
      integer(
        "drawn_size", "pixels that a sheet is high and wide; left out: what the network wants",
        Double(sizes.lowerBound)...Double(sizes.upperBound), default: nil)
    }
    return forever(option)
  }
}

/// The checked options of one source.
struct SheetOptions {
  var settings = SheetSettings()
  var count = 0
  /// Nil: what the network wants.
  var size: Int?

  /// - Throws: `SourceError.invalidOption` for what a schema cannot say.
  init(_ options: UnsafePointer<workbench_options>?) throws(SourceError) {
    guard let options, options.pointee.count >= OptionIndex.allCases.count, let values = options.pointee.values else {
      throw .invalidOption("the options are not those of the schema")
    }
    func value(_ index: OptionIndex) -> workbench_value { values[index.rawValue]?.pointee ?? workbench_value() }

    guard let word = value(.task).string, let task = SheetTask(rawValue: String(cString: word)) else {
      throw .invalidOption("task: must be \(SheetTask.allCases.map(\.rawValue).joined(separator: " or "))")
    }
    let severity = value(.severity)
    let bounds = (0..<Int(clamping: severity.list_count)).map { Float(severity.list?[$0] ?? 0) }
    guard bounds.count == 2, bounds[0] >= 0, bounds[0] <= bounds[1], bounds[1] <= 1 else {
      throw .invalidOption("severity: must be two numbers within 0 ... 1, the smaller one first")
    }
    func within(_ index: OptionIndex, _ range: ClosedRange<Int>, _ name: String) throws(SourceError) -> Int {
      guard range.contains(Int(clamping: value(index).integer)) else {
        throw .invalidOption(
          "\(name): is \(value(index).integer), must be \(range.lowerBound) to \(range.upperBound)")
      }
      return Int(clamping: value(index).integer)
    }
    settings = SheetSettings(
      task: task, seed: UInt64(bitPattern: value(.seed).integer), severity: bounds[0]...bounds[1],
      sheetsPerCollection: try within(.sheetsPerCollection, 1...sheetsMaximum, "sheets_per_collection"))
    count = try within(.sheets, 2...sheetsMaximum, "sheets")
    size = value(.drawnSize).kind == 0 ? nil : try within(.drawnSize, SheetPainter.sizes, "drawn_size")
  }
}
