import Images

/// The counting of an inspection.
struct DataInspectionTally {
  private(set) var parts: [DataInspection.Part] = []
  private(set) var damaged: [BadFile] = []
  private(set) var copies: [DataInspection.Copies] = []

  /// What is counted of a part.
  private struct Counts {
    var classes: [Int]
    var widths: [Int] = []
    var heights: [Int] = []
    var formats: [String: Int] = [:]
    var damaged = 0
    var bytes = 0

    mutating func add(_ examination: PictureExamination, label: Int) {
      classes[label] += 1
      widths.append(examination.width)
      heights.append(examination.height)
      formats[examination.format.name, default: 0] += 1
      bytes += examination.byteCount
    }
  }

  private struct Place {
    let input: Int
    let sample: Int
  }

  /// The splits in their order, and what has none.
  private static let splits = Split.allCases.map(Optional.some) + [nil]

  private let inputs: [DataInspectionInput]
  private let classes: [String]
  private let table: [String]?

  init(inputs: [DataInspectionInput], surveys: [PictureSurvey], classes: [String], table: [String]?) {
    self.inputs = inputs
    self.classes = classes
    self.table = table
    var firstOf: [UInt64: Place] = [:]
    var equal: [UInt64: [Place]] = [:]
    for (number, (input, survey)) in zip(inputs, surveys).enumerated() {
      count(input, survey)
      for (sample, examination) in zip(input.dataset.samples, survey.examinations) {
        guard let examination, sample.label >= 0 else { continue }
        let place = Place(input: number, sample: sample.id)
        if let first = firstOf[examination.fingerprint] {
          equal[examination.fingerprint, default: [first]].append(place)
        } else {
          firstOf[examination.fingerprint] = place
        }
      }
    }
    copies = equal.values.sorted { ($0[0].input, $0[0].sample) < ($1[0].input, $1[0].sample) }.map(copies)
  }

  private mutating func count(_ input: DataInspectionInput, _ survey: PictureSurvey) {
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let labels = input.dataset.classes.map { places[input.name(of: $0, in: table)] ?? 0 }
    var damaged = survey.damaged
    var counts: [Counts?] = DataInspectionTally.splits.map { _ in nil }
    let nothing = Counts(classes: [Int](repeating: 0, count: classes.count))
    for (sample, examination) in zip(input.dataset.samples, survey.examinations) {
      let slot = DataInspectionTally.splits.firstIndex(of: sample.split) ?? 0
      if counts[slot] == nil { counts[slot] = nothing }
      if let examination, sample.label >= 0 {
        counts[slot]?.add(examination, label: labels[sample.label])
      } else {
        counts[slot]?.damaged += 1
        if examination != nil {
          damaged.append(BadFile(.damagedRecord(reason: "its class cannot be read"), of: sample))
        }
      }
    }
    self.damaged += input.damaged + damaged.sorted { $0.sampleID < $1.sampleID }
    // A path without a single record is a part, too.
    if input.dataset.samples.isEmpty { counts[counts.count - 1] = nothing }
    for (split, part) in zip(DataInspectionTally.splits, counts) {
      guard let part else { continue }
      parts.append(
        DataInspection.Part(
          name: name(split, of: input), counts: part.classes, damaged: part.damaged + input.damaged.count,
          widths: DataInspection.Spread(part.widths), heights: DataInspection.Spread(part.heights),
          formats: sortedByBytes(Array(part.formats.keys)).map { ($0, part.formats[$0] ?? 0) }, bytes: part.bytes))
    }
  }

  private func name(_ split: Split?, of input: DataInspectionInput) -> String {
    guard let split else { return input.name.isEmpty ? "all" : input.name }
    return input.name.isEmpty ? split.rawValue : "\(input.name) \(split)"
  }

  private func copies(_ places: [Place]) -> DataInspection.Copies {
    DataInspection.Copies(
      files: places.map { place in
        let input = inputs[place.input]
        let sample = input.dataset.samples[place.sample]
        return (
          sample.path, name(sample.split, of: input), input.name(of: input.dataset.classes[sample.label], in: table)
        )
      })
  }
}
