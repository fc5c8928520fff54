import Datasets
import Foundation
import Inference
import Reports

/// What `data inspect` prints.
struct InspectionReport {
  private let inspection: DataInspection

  /// So many groups of equal files are printed, those with different classes first; JSON has all.
  private static let listedCopies = 20

  init(_ inspection: DataInspection) { self.inspection = inspection }

  var text: String {
    var sections = [classTable, sizeTable]
    if !inspection.damaged.isEmpty {
      sections.append(
        "Damaged: \(grouped(inspection.damaged.count))\n"
          + inspection.damaged.map { "  \(TSV.escaped($0.path)): \($0.reason)\n" }.joined())
    }
    if !inspection.copies.isEmpty { sections.append(copies) }
    if !inspection.mismatches.isEmpty {
      sections.append("Classes:\n" + inspection.mismatches.map { "  \(TSV.escaped($0))\n" }.joined())
    }
    return sections.joined(separator: "\n")
  }

  /// The parts by their names; where one is long, by numbers that the second table explains.
  private var classTable: String {
    let parts = inspection.parts
    let names = InspectionReport.shortNames(parts.map(\.name))
    let showsSum = parts.count > 1
    func row(_ name: String, _ counts: [Int]) -> [String] {
      [name] + counts.map(grouped) + (showsSum ? [grouped(counts.reduce(0, +))] : [])
    }
    let rows = inspection.classes.indices.map { place in
      row(TSV.escaped(inspection.classes[place]), parts.map { $0.counts[place] })
    }
    return TextTable(
      header: ["Class"] + names + (showsSum ? ["all"] : []), rows: rows + [row("all", parts.map(\.pictures))]
    ).text
  }

  private var sizeTable: String {
    let rows = inspection.parts.map { part in
      [
        TSV.escaped(part.name), grouped(part.pictures), grouped(part.damaged), InspectionReport.text(part.widths),
        InspectionReport.text(part.heights),
        part.formats.map { "\(grouped($0.pictures)) \($0.name)" }.joined(separator: ", "),
        String(format: "%.1f", Double(part.bytes) / 1e6),
      ]
    }
    return TextTable(
      header: ["Part", "Pictures", "Damaged", "Widths", "Heights", "Formats", "MB"], rows: rows
    ).text
  }

  /// `224 336 336`: least, median, most.
  private static func text(_ spread: DataInspection.Spread?) -> String {
    guard let spread else { return "-" }
    if spread.least == spread.most { return "\(spread.least)" }
    return "\(spread.least) .. \(spread.median) .. \(spread.most)"
  }

  /// The last components, where they are different.
  private static func shortNames(_ names: [String]) -> [String] {
    let short = names.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    return (Set(short).count == short.count ? short : names).map { TSV.escaped($0) }
  }

  private var copies: String {
    let groups = inspection.copies
    let conflicts = groups.filter(\.hasConflict)
    let crossing = groups.filter(\.crossesParts)
    var text =
      "Files of equal bytes: \(counted(groups.count, "group"))"
      + ", \(grouped(conflicts.count)) of different classes, \(grouped(crossing.count)) in different parts\n"
    let shown = (conflicts + groups.filter { !$0.hasConflict && $0.crossesParts }).prefix(InspectionReport.listedCopies)
    for group in shown {
      text +=
        "  "
        + group.files.prefix(5).map { "\(TSV.escaped($0.path)) (\(TSV.escaped($0.label)))" }.joined(separator: " = ")
        + (group.files.count > 5 ? " and \(group.files.count - 5) more" : "") + "\n"
    }
    return text
  }

  func json() throws -> String {
    struct Part: Encodable {
      let name: String
      let pictures: Int
      let damaged: Int
      let counts: [Int]
      let widths: DataInspection.Spread?
      let heights: DataInspection.Spread?
      let formats: [String: Int]
      let bytes: Int
    }
    struct Damage: Encodable {
      let file: String
      let status: String
      let message: String
    }
    struct File: Encodable {
      let file: String
      let part: String
      let `class`: String
    }
    struct Figures: Encodable {
      let classes: [String]
      let parts: [Part]
      let damaged: [Damage]
      let copies: [[File]]
      let mismatches: [String]
      let notes: [String]
    }
    return try JSON.line(
      Figures(
        classes: inspection.classes,
        parts: inspection.parts.map { part in
          Part(
            name: part.name, pictures: part.pictures, damaged: part.damaged, counts: part.counts, widths: part.widths,
            heights: part.heights,
            formats: Dictionary(uniqueKeysWithValues: part.formats.map { ($0.name, $0.pictures) }),
            bytes: part.bytes)
        }, damaged: inspection.damaged.map { Damage(file: $0.path, status: $0.status, message: $0.reason) },
        copies: inspection.copies.map { $0.files.map { File(file: $0.path, part: $0.part, class: $0.label) } },
        mismatches: inspection.mismatches, notes: inspection.notes))
  }
}
