import Records

/// What can be wrong with the data that a person points to.
public enum DatasetError: Error, Equatable, Sendable {
  /// There is nothing at the path.
  case notFound(path: String)
  /// A file where a folder is wanted, or the other way round.
  case wrongKind(path: String, wanted: String)
  case unreadable(path: String, reason: String)
  /// A folder without class sub-folders, or whose sub-folders hold no pictures.
  case noPictures(path: String, otherFiles: Int)
  /// Pictures directly in the folder, but no sub-folders.
  case noClassFolders(path: String, pictures: Int)
  /// Sub-folders with names of splits, and others.
  case splitsBesideOthers(path: String, splits: [String], others: [String])
  /// Sub-folders with names of splits, but pictures right below them.
  case splitsWithoutClasses(path: String, splits: [String], example: String)
  case oneClass(path: String, name: String)
  case emptyManifest(path: String)
  case missingColumn(manifest: String, column: String, found: [String], suggestion: String?)
  case repeatedColumn(manifest: String, column: String)
  case fieldCount(manifest: String, line: Int, expected: Int, found: Int)
  case openQuote(manifest: String, line: Int)
  case textBehindQuote(manifest: String, line: Int)
  case emptyField(manifest: String, line: Int, column: String)
  case unknownSplit(manifest: String, line: Int, word: String, suggestion: String?)
  case contradiction(manifest: String, line: Int, earlierLine: Int, path: String, column: String, values: [String])
  /// `examples` are at most five of the missing files, with their lines.
  case missingFiles(manifest: String, count: Int, of: Int, examples: [String])
  case groupAcrossSplits(manifest: String, line: Int, group: String, splits: [String])
  case splitMissing(manifest: String, line: Int)
  case notPartitioned(path: String)
  case emptySplit(path: String, split: Split)
  case classMissingFromTraining(path: String, classes: [String])
  case classNotInModel(path: String, classes: [String], known: [String])
  case fractions(train: Double, validation: Double, test: Double)
  /// `examples` are at most ten of the bad files, with their reasons.
  case tooManyBadPictures(bad: Int, of: Int, limit: Double, examples: [String])

  // Files of records.
  case recordOptions(reason: String)
  case record(RecordError)
  case repeatedRecordFile(path: String)
  case noRecords(path: String)
  case labelOutsideTable(record: RecordPlace, label: String, classes: Int)
  case negativeLabel(record: RecordPlace, label: Int)
  case emptyLabel(record: RecordPlace)
  /// Numbers and names.
  case mixedLabels(record: RecordPlace, label: String)
  case unmappedLabel(record: RecordPlace, label: String, map: String)
  case recordGroupAcrossSplits(record: RecordPlace, group: String, splits: [String])
  /// A table of classes or of labels.
  case badTable(path: String, line: Int?, reason: String)
  /// A model whose classes have no names, and data with another number of classes.
  case classCount(path: String, classes: Int, model: Int)
  /// A source that is neither files nor records contradicts itself, or cannot go on.
  case provider(name: String, ProviderFault)

  public enum ProviderFault: Equatable, Sendable {
    case noSamples
    case sampleCount(Int)
    case noLabels
    case emptyClass(index: Int)
    case repeatedClass(String)
    case label(sample: Int, label: Int, classes: Int)
    case someSplits(with: Int, without: Int)
    case groupAcrossSplits(sample: Int, group: String, splits: [Split])
    /// A sentence of the provider's: what it wants to read is not there, or is no such thing.
    case unreadable(reason: String)
    /// A sentence of the provider's.
    case failed(reason: String)
  }
}

extension DatasetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let path):
      "\(path): no such file or folder"
    case .wrongKind(let path, let wanted):
      "\(path): \(wanted) is wanted here"
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .noPictures(let path, let otherFiles):
      "\(path): no pictures found"
        + (otherFiles > 0 ? " (\(countedOthers(otherFiles)))" : "")
        + "; a data folder holds one sub-folder a class, with JPEG, PNG, TIFF, WebP or BMP files in it"
    case .noClassFolders(let path, let pictures):
      "\(path): holds \(counted(pictures, "picture")) but no sub-folders; put the pictures of each class into a sub-folder of its own, "
        + "or give a manifest"
    case .splitsBesideOthers(let path, let splits, let others):
      "\(path): the sub-folders \(quoted(splits)) have names of splits, but \(quoted(others)) "
        + "\(others.count == 1 ? "has" : "have") not; move one kind elsewhere, or list the pictures in a manifest"
    case .splitsWithoutClasses(let path, let splits, let example):
      "\(path): the sub-folders \(quoted(splits)) have names of splits, but \(example) is in no class folder within them"
    case .oneClass(let path, let name):
      "\(path): all pictures are of the one class '\(name)'; at least two classes are needed"
    case .emptyManifest(let path):
      "\(path): the manifest lists no pictures"
    case .missingColumn(let manifest, let column, let found, let suggestion):
      "\(manifest):1: no column '\(column)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
        + "; its columns are " + quoted(found)
    case .repeatedColumn(let manifest, let column):
      "\(manifest):1: the column '\(column)' stands there twice"
    case .fieldCount(let manifest, let line, let expected, let found):
      "\(manifest):\(line): \(counted(found, "field")), but the header has \(expected)"
    case .openQuote(let manifest, let line):
      "\(manifest):\(line): the quote that opens here is never closed"
    case .textBehindQuote(let manifest, let line):
      "\(manifest):\(line): text behind a closing quote; a quote within a quoted field is written twice"
    case .emptyField(let manifest, let line, let column):
      "\(manifest):\(line): no \(column)"
    case .unknownSplit(let manifest, let line, let word, let suggestion):
      "\(manifest):\(line): unknown split '\(word)'" + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
        + "; it must be train, validation or test"
    case .contradiction(let manifest, let line, let earlierLine, let path, let column, let values):
      "\(manifest):\(line): \(path) has the \(column) \(values.map { "'\($0)'" }.joined(separator: ", but ")) in line "
        + "\(earlierLine)"
    case .missingFiles(let manifest, let count, let total, let examples):
      "\(manifest): \(count) of \(counted(total, "file")) \(count == 1 ? "is" : "are") missing:"
        + list(examples, of: count)
    case .groupAcrossSplits(let manifest, let line, let group, let splits):
      "\(manifest):\(line): the group '\(group)' is in more than one split: \(splits.joined(separator: ", "))"
    case .splitMissing(let manifest, let line):
      "\(manifest):\(line): no split, though other lines have one"
    case .notPartitioned(let path):
      "\(path): the data have no splits; give shares, such as split = { train = 0.7, validation = 0.2, test = 0.1 }"
    case .emptySplit(let path, let split):
      "\(path): the \(split) split has no pictures"
    case .classMissingFromTraining(let path, let classes):
      "\(path): no picture in the train split of \(quoted(classes))"
    case .classNotInModel(let path, let classes, let known):
      "\(path): the model does not know \(quoted(classes)); its classes are "
        + quoted(known)
    case .fractions(let train, let validation, let test):
      "the split fractions train = \(train), validation = \(validation), test = \(test) must not be negative, must add up "
        + "to 1, and train must not be 0"
    case .tooManyBadPictures(let bad, let total, let limit, let examples):
      "\(bad) of \(total) pictures cannot be read, more than the allowed share of \(limit):" + list(examples, of: bad)
    case .recordOptions(let reason):
      reason
    case .record(let error):
      "\(error)"
    case .repeatedRecordFile(let path):
      "\(path): the file is given twice"
    case .noRecords(let path):
      "\(path): holds no records"
    case .labelOutsideTable(let record, let label, let classes):
      "\(record): the label \(label) is outside the table of \(classes) classes (0 to \(classes - 1))"
    case .negativeLabel(let record, let label):
      "\(record): the label \(label) is negative, which no class is"
    case .emptyLabel(let record):
      "\(record): the name of the class is empty"
    case .mixedLabels(let record, let label):
      "\(record): the label \(label), though records before it have \(label.hasPrefix("'") ? "numbers" : "names")"
    case .unmappedLabel(let record, let label, let map):
      "\(record): the label \(label) has no line in \(map)"
    case .recordGroupAcrossSplits(let record, let group, let splits):
      "\(record): the group '\(group)' is in more than one split: \(splits.joined(separator: ", "))"
    case .badTable(let path, let line, let reason):
      "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"
    case .classCount(let path, let classes, let model):
      "\(path): the data have \(classes) classes, and the model \(model) that have no names; give it names with --labels"
    case .provider(let name, let fault):
      "\(name): \(fault)"
    }
  }
}

extension DatasetError.ProviderFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSamples: "the source has no samples"
    case .sampleCount(let count):
      "the source has \(count) samples, but at most \(Dataset.maximumProvidedCount) are taken"
    case .noLabels: "no sample of the source has a label"
    case .emptyClass(let index): "the name of class \(index) is empty"
    case .repeatedClass(let name): "two classes are called '\(name)'"
    case .label(let sample, let label, let classes):
      "sample \(sample) has the label \(label), which is outside the table of \(classes) classes (0 to \(classes - 1))"
    case .someSplits(let with, let without): "sample \(with) has a split, but sample \(without) has none"
    case .groupAcrossSplits(let sample, let group, let splits):
      "sample \(sample): the group '\(group)' is in more than one split: "
        + splits.map(\.rawValue).joined(separator: ", ")
    case .unreadable(let reason), .failed(let reason): reason
    }
  }
}

private func quoted(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }

/// `1 field`, `2 fields`.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// Files beside the pictures.
func countedOthers(_ number: Int) -> String {
  counted(number, "file") + (number == 1 ? " that is no picture by its name" : " that are not pictures by their names")
}

/// The examples on lines of their own, and how many more there are.
private func list(_ examples: [String], of count: Int) -> String {
  examples.map { "\n  \($0)" }.joined() + (count > examples.count ? "\n  ... and \(count - examples.count) more" : "")
}
