import Foundation
import Reports
import Testing

struct ReportPageTests {
  private let two = Sample.results(classes: ["stained", "unstained"], perClass: 45)

  @Test("the page holds the paper's three figures, the curves, the settings and the failed files")
  func sections() {
    let page = ReportPage(Sample.content(two)).source
    for text in [
      "<h3>Confusion matrix</h3>", "<h3>Class probabilities</h3>", "<h3>Rejection plot</h3>", "<h3>Loss</h3>",
      "<h3>Accuracy</h3>", "best: 8", "learning rate", "herbarium-3", "the picture ends early", "1,234",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test("the page loads nothing: no scripts, links to files elsewhere, or imports")
  func selfContained() {
    let page = ReportPage(Sample.content(two)).source
    for text in ["<script", "http://", "https://", "<link", "<img", "@import", "url("] {
      #expect(!page.contains(text), "\(text)")
    }
  }

  @Test("names are shown as text, whatever characters they hold")
  func escaping() {
    let evil = "</td><script>alert('x')</script>&\"\u{1b}"
    var content = Sample.content(Sample.results(classes: [evil, "b"], perClass: 9))
    content.title = evil
    content.subtitle = evil
    content.settings = [.init(evil, evil)]
    content.layers = evil
    content.failures = [.init(path: evil, status: evil, message: evil)]
    let page = ReportPage(content).source
    #expect(!page.contains("<script"))
    #expect(!page.contains("\u{1b}"))
    #expect(page.contains("&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"))
  }

  @Test("every tag that is opened is closed", arguments: [2, 6, 13, 50])
  func wellFormed(classCount: Int) {
    let classes = (0..<classCount).map { "class \($0)" }
    let page = ReportPage(Sample.content(Sample.results(classes: classes, perClass: 12, wrongEvery: 4))).source
    for tag in [
      "table", "thead", "tbody", "tr", "td", "th", "figure", "svg", "section", "div", "p", "text", "h2", "h3",
    ] {
      let opened = page.components(separatedBy: "<\(tag)>").count + page.components(separatedBy: "<\(tag) ").count - 2
      let closed = page.components(separatedBy: "</\(tag)>").count - 1
      #expect(opened == closed, "<\(tag)>")
      #expect(opened > 0, "<\(tag)>")
    }
    #expect(!page.contains("nan"))
  }

  @Test("the confusion matrix shows the counts, and shares where there is room")
  func confusion() {
    let page = ReportPage(Sample.content(two)).source
    // 45 pictures a class, every ninth wrong.
    #expect(page.contains("40<small>89\u{a0}%</small>"))
    #expect(page.contains("5<small>11\u{a0}%</small>"))
  }

  @Test("the most certain mistake comes first, with a link to its picture")
  func mistakes() throws {
    let results = TestResults(
      split: "test", classes: ["a", "b"], paths: ["/x/one 1.jpg", "/x/two.jpg", "/x/three.jpg"], labels: [0, 0, 1],
      probabilities: [0.4, 0.6, 0.1, 0.9, 0.2, 0.8], loss: 1, aucpr: 0.5)
    let page = ReportPage(Sample.content(results)).source
    let second = try #require(page.range(of: "<a href=\"file:///x/two.jpg\">"))
    let first = try #require(page.range(of: "<a href=\"file:///x/one%201.jpg\">"))
    #expect(second.lowerBound < first.lowerBound)
    #expect(!page.contains("three.jpg"))
  }

  @Test("a test split without pictures, and curves of not-a-number, leave a page without them")
  func empty() {
    var content = ReportContent(title: "t", subtitle: "")
    content.results = TestResults(
      split: "test", classes: ["a", "b"], paths: [], labels: [], probabilities: [], loss: .nan, aucpr: 0)
    content.curves = [
      Curve(title: "Loss", series: [.init(name: "training", points: [(1, .nan)])], bestEpoch: 1, isShare: false)
    ]
    let page = ReportPage(content).source
    #expect(page.contains("There was no picture to test."))
    #expect(!page.contains("<svg"))
  }

  @Test("repeats are summed up by mean and standard deviation")
  func repeats() {
    var content = Sample.content(two)
    content.repeats = [
      .init(seed: 1, accuracy: 0.9, macroF1: 0.9), .init(seed: 2, accuracy: 0.92, macroF1: 0.91),
      .init(seed: 3, accuracy: 0.94, macroF1: 0.92),
    ]
    let page = ReportPage(content).source
    #expect(page.contains("<strong>92.0\u{a0}%</strong>, with a standard deviation of 2.0\u{a0}%"))
  }
}
