import Schemas
import Testing

@Suite("Nearest")
struct NearestTests {
  @Test(
    "what was most likely meant",
    arguments: [
      ("filter", "filters"), ("Filters", "filters"), ("flaters", "filters"), ("kernal", "kernel"),
      ("strdie", "stride"), ("pad", "padding"), ("activ", "activation"),
    ])
  func close(word: String, expected: String) {
    let candidates = ["filters", "kernel", "stride", "padding", "dilation", "activation"]
    #expect(nearest(to: word, among: candidates) == expected)
  }

  @Test("nothing when nothing is close", arguments: ["window", "x", "", "zzzzzzz"])
  func far(word: String) {
    #expect(nearest(to: word, among: ["filters", "kernel", "stride"]) == nil)
  }

  @Test("no candidates, no suggestion; of equally near ones the first of the alphabet")
  func edges() {
    #expect(nearest(to: "a", among: []) == nil)
    #expect(nearest(to: "bat", among: ["rat", "cat", "hat"]) == "cat")
  }

  @Test("a swap of neighbours counts once")
  func swap() {
    // One swap in three letters is within a third; two changes would not be.
    #expect(nearest(to: "abc", among: ["bac"]) == "bac")
    #expect(nearest(to: "abc", among: ["bca"]) == nil)
  }
}
