import Datasets
import Images
import Reports

/// A partitioned data set, and how its pictures are read and changed.
final class DataObject: RecipeObject {
  let dataset: Dataset
  let preprocessing: Preprocessing
  let augmentations: [AugmentationObject]
  /// Whether near-duplicates across splits are looked for.
  let reportsDuplicates: Bool
  /// What was said of them; nil before.
  var duplicateNotes: [String]?

  init(
    dataset: Dataset, preprocessing: Preprocessing, augmentations: [AugmentationObject], reportsDuplicates: Bool
  ) {
    self.dataset = dataset
    self.preprocessing = preprocessing
    self.augmentations = augmentations
    self.reportsDuplicates = reportsDuplicates
  }

  static let kind = RecipeKind.dataset
  static let help = "Pictures with their classes and splits, from `wb.data`."
  static let properties: [RecipeProperty<DataObject>] = [
    .init("classes", .list(.string), "The names of the classes, in the order of the network's outputs.") {
      .table(LuaTable(list: $0.dataset.classes.map { .string($0) }))
    },
    .init("counts", .map(.integer), "Pictures by class, and `total`.") { .table($0.counts(of: nil)) },
    .init("train", .map(.integer), "Pictures of the train split by class, and `total`.") { .table($0.counts(.train)) },
    .init("validation", .map(.integer), "The same of the validation split.") { .table($0.counts(.validation)) },
    .init("test", .map(.integer), "The same of the test split.") { .table($0.counts(.test)) },
    .init("count", .integer, "All pictures.") { .integer($0.dataset.samples.count) },
    .init("height", .integer, "Height of the network's input, in pixels.") { .integer($0.preprocessing.height) },
    .init("width", .integer, "Width of the network's input, in pixels.") { .integer($0.preprocessing.width) },
    .init("path", .string, "Where the pictures are.") { .string($0.dataset.root) },
    .init("hash", .string, "The same for the same files, classes and splits.") { .string($0.dataset.contentHash()) },
  ]

  var text: String { "\(dataset.root): \(dataset.samples.count) pictures in \(dataset.classes.count) classes" }

  private func counts(_ split: Split) -> LuaTable { counts(of: dataset.indices(of: split)) }

  /// Pictures by class name, and `total`.
  private func counts(of indices: [Int]?) -> LuaTable {
    let counts = dataset.classCounts(of: indices)
    var table = LuaTable(fields: ["total": .integer(counts.reduce(0, +))])
    for (name, count) in zip(dataset.classes, counts) { table.fields[name] = .integer(count) }
    return table
  }

  /// Class, and pictures in each split: what `check` prints.
  private static let longestTable = 200

  var classTable: String {
    let splits = Split.allCases.map { dataset.classCounts(of: dataset.indices(of: $0)) }
    let header = ["Class"] + Split.allCases.map { "\($0)".capitalized }
    let count = dataset.classes.count
    func row(_ label: Int) -> [String] { [dataset.classes[label]] + splits.map { String($0[label]) } }
    var rows: [[String]]
    if count <= DataObject.longestTable {
      rows = (0..<count).map(row)
    } else {
      // The first, the last, and how many there are.
      let gap = ["... \(grouped(count)) classes ..."] + splits.map { _ in "" }
      rows = (0..<20).map(row) + [gap] + (count - 5..<count).map(row)
    }
    rows.append(["total"] + splits.map { String($0.reduce(0, +)) })
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    return ([header] + rows).map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// One of `wb.augment`: of single pictures or of whole batches.
final class AugmentationObject: RecipeObject {
  enum Content {
    case picture(any Augmentation)
    case batch(any BatchAugmentation)
  }

  let content: Content
  /// Name and options, the same text for the same settings.
  let text: String

  init(_ content: Content, text: String) {
    self.content = content
    self.text = text
  }

  static let kind = RecipeKind.augmentation
  static let help = "A random change of training pictures, from `wb.augment`."
}
