import Datasets
import Images

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

  var kind: RecipeKind { .dataset }
  var text: String { "\(dataset.root): \(dataset.samples.count) pictures in \(dataset.classes.count) classes" }
  var propertyNames: [String] {
    ["classes", "counts", "train", "validation", "test", "count", "height", "width", "path", "hash"]
  }

  func property(_ name: String) -> LuaValue? {
    switch name {
    case "classes": return .table(LuaTable(list: dataset.classes.map { .string($0) }))
    case "count": return .integer(dataset.samples.count)
    case "height": return .integer(preprocessing.height)
    case "width": return .integer(preprocessing.width)
    case "path": return .string(dataset.root)
    case "hash": return .string(dataset.contentHash())
    case "counts": return .table(counts(of: nil))
    case "train", "validation", "test":
      return Split(rawValue: name).map { .table(counts(of: dataset.indices(of: $0))) }
    default: return nil
    }
  }

  /// Pictures by class name, and `total`.
  private func counts(of indices: [Int]?) -> LuaTable {
    let counts = dataset.classCounts(of: indices)
    var table = LuaTable(fields: ["total": .integer(counts.reduce(0, +))])
    for (name, count) in zip(dataset.classes, counts) { table.fields[name] = .integer(count) }
    return table
  }

  /// Class, and pictures in each split: what `check` prints.
  var classTable: String {
    let splits = Split.allCases.map { dataset.classCounts(of: dataset.indices(of: $0)) }
    let header = ["Class"] + Split.allCases.map { "\($0)".capitalized }
    var rows = dataset.classes.indices.map { label in
      [dataset.classes[label]] + splits.map { String($0[label]) }
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

  var kind: RecipeKind { .augmentation }
  var propertyNames: [String] { [] }
  func property(_ name: String) -> LuaValue? { nil }
}
