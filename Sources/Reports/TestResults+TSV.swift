import Inference

extension TestResults {
  /// A row a picture: the columns of every prediction table, and the true class at the end.
  ///
  /// `file  status  class  probability  class_2  probability_2  ...  message  true_class`
  public func predictionsTSV(top: Int = 3) -> String {
    let ranks = min(max(1, top), classes.count)
    let columns = (1...ranks).flatMap { $0 == 1 ? ["class", "probability"] : ["class_\($0)", "probability_\($0)"] }
    var lines = [["file", "status"] + columns + ["message", "true_class"]]
    for image in labels.indices {
      let cells = ranking(image: image).prefix(ranks).flatMap { name in
        [classes[name], fixed(Double(probability(of: name, image: image)), 6)]
      }
      lines.append([paths[image], "ok"] + cells + ["", classes[labels[image]]])
    }
    let empty = [String](repeating: "", count: 2 * ranks)
    for failure in failures { lines.append([failure.path, failure.status] + empty + [failure.message, ""]) }
    return TestResults.table(lines)
  }

  /// A row for each true class, a column for each class that was named.
  public var confusionTSV: String {
    TestResults.table(
      [["true_class"] + classes]
        + classes.indices.map { label in [classes[label]] + classes.indices.map { String(confusion[label, $0]) } })
  }

  /// `class  pictures  precision  recall  f1`
  public var classesTSV: String {
    TestResults.table(
      [["class", "pictures", "precision", "recall", "f1"]]
        + zip(classes, confusion.perClass).map { name, score in
          [name, String(score.support)] + [score.precision, score.recall, score.f1].map { fixed($0, 4) }
        })
  }

  /// `set_aside  pictures_left  accuracy  certainty_from`
  ///
  /// `certainty_from` is the least certainty among the pictures that are left: the `--reject` that sets the others aside.
  public var rejectionTSV: String {
    TestResults.table(
      [["set_aside", "pictures_left", "accuracy", "certainty_from"]]
        + rejection.rows.map { row in
          [fixed(row.share, 2), String(row.kept), fixed(row.accuracy ?? .nan, 4), fixed(row.threshold ?? .nan, 6)]
        })
  }

  private static func table(_ lines: [[String]]) -> String { lines.map { TSV.line($0) + "\n" }.joined() }
}
