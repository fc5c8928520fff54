import Foundation
import Records

/// One pass over the records of a source.
struct RecordScan {
  struct Row {
    let picture: RecordPicture
    let name: String
    let split: Split?
    /// nil for a damaged record.
    let label: RecordLabel?
    let group: String?
  }

  private(set) var rows: [Row] = []
  private(set) var notes: [String] = []

  private let source: RecordSource

  init(_ source: RecordSource) throws(DatasetError) {
    self.source = source
    let paths = source.parts.flatMap(\.paths)
    var seen: Set<String> = []
    for path in paths where !seen.insert(plainPath(path)).inserted { throw .repeatedRecordFile(path: path) }
    // Names without folders, so that moved data stay the same data; unless two would be the same.
    let bare = paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    let isUnambiguous = Set(bare).count == paths.count
    var number = 0
    for part in source.parts {
      for path in part.paths {
        try scan(path, name: isUnambiguous ? bare[number] : path, split: part.split)
        number += 1
      }
    }
    if rows.isEmpty { throw .noRecords(path: source.name) }
    try checkGroups()
  }

  private mutating func scan(_ path: String, name: String, split: Split?) throws(DatasetError) {
    do throws(RecordError) {
      let file = try RecordFile(path: path)
      if file.count == 0, file.tail == nil { return }
      let keys = try RecordKeys(image: source.imageKey, label: source.labelKey, guessing: file)
      var damage: [RecordError] = []
      // The damage behind the last record that can be found counts as one.
      let count = file.count + (file.tail == nil ? 0 : 1)
      for index in 0..<count {
        let picture = RecordPicture(file: file, index: index, key: keys.image)
        var content: (label: RecordLabel?, group: String?) = (nil, nil)
        do throws(RecordError) {
          content = try read(picture, labelKey: keys.label ?? RecordKeys.defaultLabel)
        } catch {
          if !error.isDamage || source.damaged == .fail { throw error }
          damage.append(error)
        }
        rows.append(
          Row(picture: picture, name: "\(name)#\(index)", split: split, label: content.label, group: content.group))
      }
      if let first = damage.first {
        if damage.count == count { throw first }
        // Where no record can be found, it is not known how many there are.
        let lost = file.tail?.place.map { place in
          "; of the file's \(file.byteCount) bytes the last \(file.byteCount - place.offset) cannot be read, with all "
            + "records in them"
        }
        notes.append(
          "\(path): \(damage.count) of \(count) records \(damage.count == 1 ? "is" : "are") damaged, left out, such as "
            + "\(first.place?.shortDescription ?? ""): \(first.reason)"
            + (lost ?? ""))
      }
    } catch {
      if case .notFound(let path) = error { throw .notFound(path: path) }
      throw .record(error)
    }
  }

  private func read(_ picture: RecordPicture, labelKey: String) throws(RecordError) -> (RecordLabel?, String?) {
    if picture.index == picture.file.count, let tail = picture.file.tail { throw tail }
    let features = try picture.file.features(at: picture.index)
    _ = try features.bytes(picture.key)
    let label = try features.label(labelKey)
    guard let groupKey = source.groupKey else { return (label, nil) }
    return (label, try features.label(groupKey).text)
  }

  private func checkGroups() throws(DatasetError) {
    var splitOfGroup: [String: Split?] = [:]
    for row in rows {
      guard let group = row.group else { continue }
      if let earlier = splitOfGroup[group], earlier != row.split {
        throw .recordGroupAcrossSplits(
          record: row.picture.place, group: group,
          splits: [earlier, row.split].map { $0?.rawValue ?? "none" })
      }
      splitOfGroup[group] = row.split
    }
  }
}

extension RecordLabel {
  /// As a class name or an entry of a table.
  var text: String {
    switch self {
    case .number(let number): "\(number)"
    case .name(let name): name
    }
  }
}
