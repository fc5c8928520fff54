import Foundation
import Reports
import Testing

struct TableTests {
  /// Three pictures; the second is named wrongly, and least certain.
  private let results = TestResults(
    split: "test", classes: ["oak\t1", "elm"], paths: ["a.jpg", "b\n.jpg", "c.jpg"], labels: [0, 0, 1],
    probabilities: [0.9, 0.1, 0.45, 0.55, 0.2, 0.8], loss: 0.5, aucpr: 0.75,
    failures: [.init(path: "d.jpg", status: "empty", message: "the file is empty")])

  @Test("predictions.tsv has a row a picture and a row a failed file, escaped, with the true class at the end")
  func predictions() {
    #expect(
      results.predictionsTSV() == """
        file\tstatus\tclass\tprobability\tclass_2\tprobability_2\tmessage\ttrue_class
        a.jpg\tok\toak\\t1\t0.900000\telm\t0.100000\t\toak\\t1
        b\\n.jpg\tok\telm\t0.550000\toak\\t1\t0.450000\t\toak\\t1
        c.jpg\tok\telm\t0.800000\toak\\t1\t0.200000\t\telm
        d.jpg\tempty\t\t\t\t\tthe file is empty\t

        """)
  }

  @Test("confusion.tsv: a row a true class, a column a named class")
  func confusion() {
    #expect(results.confusionTSV == "true_class\toak\\t1\telm\noak\\t1\t1\t1\nelm\t0\t1\n")
  }

  @Test("classes.tsv: precision, recall and F1 by hand")
  func classes() {
    #expect(
      results.classesTSV == """
        class\tpictures\tprecision\trecall\tf1
        oak\\t1\t2\t1.0000\t0.5000\t0.6667
        elm\t1\t0.5000\t1.0000\t0.6667

        """)
  }

  @Test("rejection.tsv: the accuracy rises when the least certain picture, which is wrong, is set aside")
  func rejection() throws {
    let rows = results.rejectionTSV.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    #expect(rows[0] == ["set_aside", "pictures_left", "accuracy", "certainty_from"])
    #expect(rows[1] == ["0.00", "3", "0.6667", "0.550000"])
    let thirty = try #require(rows.first { $0[0] == "0.30" })
    #expect(thirty == ["0.30", "2", "1.0000", "0.800000"])
  }

  @Test("the printed result begins with the accuracy to four digits")
  func headline() {
    #expect(results.text.hasPrefix("test accuracy 0.6667\nmacro F1 0.6667  AUCPR 0.7500  loss 0.5000  pictures 3\n"))
    #expect(results.text.contains("True class \\ named as"))
  }
}
