import Records

/// The class table of records, and the place in it of each.
struct RecordClasses {
  let names: [String]
  /// False when the names are only the numbers that the records have.
  let areNames: Bool
  /// Of each row; -1 for a damaged record.
  let labels: [Int]

  /// - Throws: `DatasetError` that names file, record and label, for one that the table or the map does not know.
  init(_ rows: [RecordScan.Row], names choice: RecordSource.ClassNames, map: LabelMap?) throws(DatasetError) {
    var found: [RecordLabel?] = []
    found.reserveCapacity(rows.count)
    for row in rows {
      if let map, let label = row.label {
        found.append(.number(try map[label, of: row.picture.place]))
      } else {
        found.append(row.label)
      }
    }
    switch choice {
    case .found: try self.init(rows, found)
    case .given(let names):
      var seen: Set<String> = []
      for name in names {
        if name.isEmpty { throw .recordOptions(reason: "a name in 'classes' is empty") }
        if !seen.insert(name).inserted { throw .recordOptions(reason: "'classes' has '\(name)' twice") }
      }
      try self.init(rows, found, table: names)
    case .file(let path): try self.init(rows, found, table: ClassTable.read(path))
    }
  }

  private init(_ rows: [RecordScan.Row], _ labels: [RecordLabel?], table: [String]) throws(DatasetError) {
    let places = Dictionary(table.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [Int] = []
    result.reserveCapacity(rows.count)
    for (row, label) in zip(rows, labels) {
      let place: Int? =
        switch label {
        case nil: -1
        case .number(let number)?: table.indices.contains(number) ? number : nil
        case .name(let name)?: places[name]
        }
      guard let place else {
        throw .labelOutsideTable(record: row.picture.place, label: "\(label?.description ?? "")", classes: table.count)
      }
      result.append(place)
    }
    names = table
    areNames = true
    self.labels = result
  }

  /// Without a table: numbers in their order, or names in that of their bytes.
  private init(_ rows: [RecordScan.Row], _ labels: [RecordLabel?]) throws(DatasetError) {
    var numbers: Set<Int> = []
    var words: Set<String> = []
    for (row, label) in zip(rows, labels) {
      switch label {
      case nil: continue
      case .number(let number)?:
        if number < 0 { throw .negativeLabel(record: row.picture.place, label: number) }
        numbers.insert(number)
      case .name(let name)?:
        if name.isEmpty { throw .emptyLabel(record: row.picture.place) }
        words.insert(name)
      }
      if !numbers.isEmpty, !words.isEmpty {
        throw .mixedLabels(record: row.picture.place, label: "\(label?.description ?? "")")
      }
    }
    let names = words.isEmpty ? numbers.sorted().map(String.init) : sortedByBytes(Array(words))
    let places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    self.names = names
    areNames = !words.isEmpty
    self.labels = labels.map { label in label.flatMap { places[$0.text] } ?? -1 }
  }
}
