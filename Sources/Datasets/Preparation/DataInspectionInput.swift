import Records

/// The data at one path that is inspected, and what of it could not even be listed.
struct DataInspectionInput {
  /// In front of the split's name in that of a part; "" for the only path.
  let name: String
  let dataset: Dataset
  /// A record file that is damaged from its beginning.
  let damaged: [BadFile]

  /// - Throws: `DatasetError` for what is no data.
  init(_ source: DatasetSource, isOnly: Bool) throws(DatasetError) {
    name = isOnly ? "" : source.path
    do throws(DatasetError) {
      dataset = try source.read()
      damaged = []
      return
    } catch {
      // What is wrong with a whole file of records is what an inspection is to find.
      let problem: (reason: String, isDamage: Bool)
      switch error {
      case .record(let error) where error.isDamage:
        problem = ("\(error.place?.shortDescription ?? ""): \(error.reason)", true)
      case .record(.notRecords(let path)): problem = (RecordError.notRecords(path: path).reason, true)
      case .noRecords: problem = ("\(error)", false)
      default: throw error
      }
      damaged =
        problem.isDamage
        ? [BadFile(sampleID: -1, path: source.path, status: "damaged_record", reason: problem.reason)] : []
      dataset = Dataset(
        root: source.path, classes: [], samples: [], notes: problem.isDamage ? [] : [problem.reason])
    }
  }

  /// What a class is called, which the data may know by its place in the table alone.
  func name(of label: String, in table: [String]?) -> String {
    guard let table, !dataset.hasClassNames, let place = Int(label), table.indices.contains(place) else { return label }
    return table[place]
  }
}
