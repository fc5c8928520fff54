extension TestResults {
  /// What `evaluate` prints: the accuracy, the classes, the confusion matrix and the rejection table.
  public var text: String {
    if count == 0 { return "There was no picture to test.\n" + failureLine }
    var parts = [headline + failureLine]
    parts.append(
      TextTable(
        header: ["Class", "Pictures", "Precision", "Recall", "F1"],
        rows: zip(classes, confusion.perClass).map { name, score in
          [name, grouped(score.support), fixed(score.precision, 4), fixed(score.recall, 4), fixed(score.f1, 4)]
        }
      ).text)
    // A wider matrix does not fit a terminal; it is in confusion.tsv.
    if classes.count <= 20 {
      let numbers = (1...classes.count).map(String.init)
      parts.append(
        TextTable(
          header: ["True class \\ named as"] + numbers,
          rows: classes.indices.map { label in
            ["\(numbers[label]) \(classes[label])"]
              + classes.indices.map { confusion[label, $0] == 0 ? "." : String(confusion[label, $0]) }
          }
        ).text)
    }
    parts.append(
      TextTable(
        header: ["Least certain set aside", "Pictures left", "Accuracy"],
        rows: rejection.rows.map { ["\(fixed($0.share * 100, 0)) %", grouped($0.kept), fixed($0.accuracy ?? .nan, 4)] }
      ).text)
    return parts.joined(separator: "\n")
  }

  /// `3 pictures could not be read, and are not part of these figures`
  private var failureLine: String {
    if failures.isEmpty { return "" }
    let verb = failures.count == 1 ? "is" : "are"
    return "\(counted(failures.count, "picture")) could not be read, and \(verb) not part of these figures\n"
  }

  /// `test accuracy 0.9123`, with the other figures behind it.
  public var headline: String {
    "\(split) accuracy \(fixed(accuracy, 4))\n"
      + "macro F1 \(fixed(macroF1, 4))  AUCPR \(fixed(aucpr, 4))  loss \(fixed(loss, 4))  pictures \(grouped(count))\n"
  }
}
