import Foundation
import Records

/// TFRecord files as a data set: which records there are, their classes, and their splits.
public struct RecordSource: Equatable, Sendable {
  /// Files of one split, or of none.
  public struct Part: Equatable, Sendable {
    public var split: Split?
    /// The shards, in order.
    public var paths: [String]

    public init(split: Split? = nil, paths: [String]) {
      self.split = split
      self.paths = paths
    }
  }

  /// Where the names of the classes come from.
  public enum ClassNames: Equatable, Sendable {
    /// The records: their names, sorted by bytes, or their numbers as names.
    case found
    /// A table (`ClassTable`).
    case file(String)
    /// These, in the order of the labels 0, 1, ...
    case given([String])
  }

  /// What happens to a record that is damaged, is no tf.Example, or has not the keys.
  public enum DamagedRecords: String, CaseIterable, Sendable {
    /// It is left out, counted and named like a picture that cannot be read.
    case skip
    /// `DatasetError.record`
    case fail
  }

  public var parts: [Part]
  public var classNames = ClassNames.found
  /// nil: guessed from the first record (`RecordKeys`).
  public var imageKey: String?
  public var labelKey: String?
  /// The key of a feature that names the record's group; nil: there are no groups.
  public var groupKey: String?
  /// A TSV that replaces labels (`LabelMap`).
  public var remap: String?
  public var damaged = DamagedRecords.skip

  public init(parts: [Part]) { self.parts = parts }

  /// What to call the data: the first path, and how many more there are.
  public var name: String {
    let paths = parts.flatMap(\.paths)
    let more = paths.count - 1
    return (paths.first ?? "") + (more > 0 ? " and \(more) more file\(more == 1 ? "" : "s")" : "")
  }

  /// Reads every record once: checksums, keys, labels. No picture is decoded.
  ///
  /// - Throws: `DatasetError`. A damaged record is an error only when `damaged` says so, or when no record is good.
  public func read() throws(DatasetError) -> Dataset {
    let scan = try RecordScan(self)
    var map: LabelMap?
    if let remap { map = try LabelMap(file: remap) }
    let classes = try RecordClasses(scan.rows, names: classNames, map: map)
    let samples = scan.rows.indices.map { index in
      let row = scan.rows[index]
      return Sample(
        id: index, source: .record(row.picture), name: row.name, label: classes.labels[index], split: row.split,
        group: row.group)
    }
    var dataset = Dataset(
      root: name, classes: classes.names, samples: samples, notes: scan.notes, hasClassNames: classes.areNames)
    dataset.noteMissingClasses()
    return dataset
  }
}
