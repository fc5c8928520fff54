import Foundation
import Recipes
import TestSupport
import Testing

@Suite struct ReadTableTests {
  @Test("a table has its columns' names, numbers are numbers, JSON is a table")
  func reads() throws {
    let workshop = try Workshop()
    try workshop.write(
      "log.tsv",
      "STEP\tSETTINGS\tF1\tNOTE\n0\t{\"batch\": 5, \"rate\": 0.5, \"list\": [1, true, \"a\"]}\t1.0\tfirst\n1\t{broken\t007\t\n"
    )
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local rows = wb.read_table "\(workshop.path("log.tsv"))"
      local s = rows[1].SETTINGS
      print(#rows, rows[1].STEP, rows[1].F1 == 1, rows[1].NOTE, s.batch, s.rate, #s.list, s.list[2], s.list[3])
      print(rows[2].SETTINGS, rows[2].F1, rows[2].NOTE)
      """, console: console)
    #expect(console.lines == ["2\t0\ttrue\tfirst\t5\t0.5\t3\ttrue\ta", "{broken\t007\t"])
  }

  @Test(
    "what cannot be read is a wrong request",
    arguments: [
      ("wb.read_table \"none.tsv\"", "read_table:"), ("wb.read_table \"FOLDER/short.tsv\"", "short.tsv:2: 1 field"),
      ("wb.read_table \"/etc/passwd\"", "read_table"), ("wb.read_table {}", "must be a file's path"),
      ("wb.read_table \"FOLDER\"", "is a folder"), ("wb.read_table \"FOLDER/empty.tsv\"", "the file is empty"),
      ("wb.read_table \"FOLDER/twice.tsv\"", "two columns are called 'a'"),
    ])
  func mistakes(line: String, message: String) throws {
    let workshop = try Workshop()
    try workshop.write("short.tsv", "a\tb\n1\n")
    try workshop.write("empty.tsv", "")
    try workshop.write("twice.tsv", "a\ta\n1\t2\n")
    let failure = workshop.failure(
      "local wb = require \"workbench\"\n" + line.replacingOccurrences(of: "FOLDER", with: workshop.folder))
    #expect(failure.message.contains(message), "\(failure.message)")
    #expect(failure.exitCode == 2)
  }

  @Test(
    "the search log of Herbariograph is read as it is published",
    .enabled(if: Golden.sharedFolder != nil, "shared/ is absent"))
  func published() throws {
    let workshop = try Workshop()
    let shared = try #require(Golden.sharedFolder)
    try FileManager.default.copyItem(
      atPath: shared.appendingPathComponent("data/herbariograph/optimization-log.tsv").path,
      toPath: workshop.path("log.tsv"))
    let console = Console()
    try workshop.run(
      """
      local wb = require "workbench"
      local row = wb.read_table("\(workshop.path("log.tsv"))")[1]
      print(row.F1 == 1, row.SETTINGS.batch, row.SETTINGS.distillTemperature, row.SETTINGS.learningRate)
      """, console: console)
    #expect(console.lines == ["true\t5\t12.5\t0.005"])
  }
}
