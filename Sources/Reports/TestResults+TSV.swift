extension TestResults {
  /// A row a picture: the columns of every prediction table, and the true class at the end.
  ///
  /// `file  status  class  probability  class_2  probability_2  ...  message  true_class`
  public func predictionsTSV(top: Int = 3, failures: [ReportContent.Failure] = []) -> String {
    let ranks = min(max(1, top), classes.count)
    let columns = (1...ranks).flatMap { $0 == 1 ? ["class", "probability"] : ["class_\($0)", "probability_\($0)"] }
    var table = TSV(header: ["file", "status"] + columns + ["message", "true_class"])
    for image in labels.indices {
      let cells = ranking(image: image).prefix(ranks).flatMap { name in
        [classes[name], fixed(Double(probability(of: name, image: image)), 6)]
      }
      table.append([paths[image], "ok"] + cells + ["", classes[labels[image]]])
    }
    let empty = [String](repeating: "", count: 2 * ranks)
    for failure in failures { table.append([failure.path, failure.status] + empty + [failure.reason, ""]) }
    return table.text
  }

  /// A row for each true class, a column for each class that was named.
  public var confusionTSV: String {
    var table = TSV(header: ["true_class"] + classes)
    for (label, row) in confusion.enumerated() { table.append([classes[label]] + row.map(String.init)) }
    return table.text
  }

  /// `class  pictures  precision  recall  f1`
  public var classesTSV: String {
    var table = TSV(header: ["class", "pictures", "precision", "recall", "f1"])
    for score in classScores {
      table.append(
        [score.name, String(score.support)] + [score.precision, score.recall, score.f1].map { fixed($0, 4) })
    }
    return table.text
  }

  /// `set_aside  pictures_left  accuracy`
  public var rejectionTSV: String {
    var table = TSV(header: ["set_aside", "pictures_left", "accuracy"])
    for row in rejection { table.append([fixed(row.share, 2), String(row.kept), fixed(row.accuracy, 4)]) }
    return table.text
  }
}
