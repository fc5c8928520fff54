import Records

/// Copies some records of files into files of their own, byte for byte, in their order.
public enum RecordCopy {
  /// - Parameters:
  ///   - samples: places in `dataset.samples`, all of them records, ascending.
  ///   - path: of the copy of a file. A file of which no record is copied gets an empty copy.
  ///   - beforeNaming: called when all copies are on disk under other names; what it throws leaves old ones as they are.
  /// - Throws: `RecordError`; `DataPreparationError.interrupted`.
  public static func write(
    _ samples: [Int], of dataset: Dataset, path: (String) -> String, shouldStop: () -> Bool = { false },
    beforeNaming: () throws -> Void = {}
  ) throws {
    var writers: [String: RecordWriter] = [:]
    for sample in dataset.samples {
      guard case .record(let record) = sample.source, writers[record.file.path] == nil else { continue }
      writers[record.file.path] = try RecordWriter(path: path(record.file.path))
    }
    for place in samples {
      if shouldStop() { throw DataPreparationError.interrupted }
      guard case .record(let record) = dataset.samples[place].source, let writer = writers[record.file.path] else {
        continue
      }
      try record.file.withPayload(at: record.index) { (payload) throws(RecordError) in
        try writer.append(payload: Array(payload))
      }
    }
    for writer in writers.values { try writer.synchronise() }
    try beforeNaming()
    for writer in writers.values { try writer.finish() }
  }
}
