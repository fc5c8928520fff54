import Foundation

/// A manifest of some of a data set's pictures, for `data pack` and `wb.data`.
///
/// Of data that have a manifest: its lines of these pictures, with all their columns. Of a folder: path, class, and the
/// split where there are splits. Paths are relative to the new manifest where the pictures lie below it, and absolute
/// elsewhere.
public struct KeptManifest: Sendable {
  private let rows: [[String]]
  private let delimiter: String

  /// The ending that the file must have: `tsv`, or `csv` where a field holds a tab or a line break, or where the data's own
  /// manifest is one.
  public let fileExtension: String

  /// - Parameters:
  ///   - source: what the data were read from.
  ///   - samples: places in `dataset.samples`, all of them files.
  ///   - folder: of the new manifest.
  /// - Throws: `DatasetError`; `DataPreparationError.cannotRewrite` when the manifest has changed since it was read.
  public init(of samples: [Int], dataset: Dataset, source: DatasetSource, folder: String) throws {
    let base = absolutePath(folder)
    func path(_ sample: Sample) -> String {
      let path = absolutePath(sample.path)
      return path.hasPrefix(base + "/") ? String(path.dropFirst(base.count + 1)) : path
    }
    let rows: [[String]]
    let manifest = source.manifestFile
    if let manifest {
      // Keyed by bytes: Swift takes differently composed names, which are different files, for equal strings.
      var kept = Dictionary(
        samples.map { (Array(dataset.samples[$0].name.utf8), path(dataset.samples[$0])) },
        uniquingKeysWith: { first, _ in first })
      rows = try KeptManifest.rows(of: manifest, column: source.columns.path) {
        kept.removeValue(forKey: Array($0.utf8))
      }
      if !kept.isEmpty {
        throw DataPreparationError.cannotRewrite(path: manifest, reason: "has changed since it was read")
      }
    } else {
      let hasSplits = dataset.samples.contains { $0.split != nil }
      rows =
        [["path", "class"] + (hasSplits ? ["split"] : [])]
        + samples.map { place in
          let sample = dataset.samples[place]
          return [path(sample), sample.label < 0 ? "" : dataset.classes[sample.label]]
            + (hasSplits ? [sample.split?.rawValue ?? ""] : [])
        }
    }
    let needsQuotes = rows.contains { $0.contains { $0.utf8.contains { $0 == 9 || $0 == 10 || $0 == 13 } } }
    let isCSV = needsQuotes || manifest?.lowercased().hasSuffix(".csv") == true
    self.rows = rows
    delimiter = isCSV ? "," : "\t"
    fileExtension = isCSV ? "csv" : "tsv"
  }

  /// The lines of a manifest, with the paths that `replacement` gives; without those for which it gives none.
  private static func rows(
    of manifest: String, column: String, replacement: (String) -> String?
  ) throws -> [[String]] {
    let text = try DelimitedText(file: manifest)
    let names = text.header.fields.map { $0.trimmingCharacters(in: .whitespaces) }
    guard
      let place = names.firstIndex(of: column) ?? names.firstIndex(where: { $0.lowercased() == column.lowercased() })
    else { throw DataPreparationError.cannotRewrite(path: manifest, reason: "has changed since it was read") }
    return [names]
      + text.records.compactMap { record in
        guard let path = replacement(record.fields[place]) else { return nil }
        var fields = record.fields
        fields[place] = path
        return fields
      }
  }

  /// The lines, each with its line feed.
  public var lines: some Sequence<String> {
    rows.lazy.map { row in row.map(field).joined(separator: delimiter) + "\n" }
  }

  private func field(_ text: String) -> String {
    guard delimiter == ",", text.utf8.contains(where: { Array(",;\"\r\n".utf8).contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

/// From the root, by the text alone.
func absolutePath(_ path: String) -> String {
  plainPath(joinedPath(FileManager.default.currentDirectoryPath, path))
}
