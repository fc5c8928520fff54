import Foundation

/// The built program, and what it did when it ran.
enum Program {
  struct Result {
    /// The exit code; 128 + the signal's number when a signal ended it.
    let status: Int32
    let output: String
    let errors: String
  }

  /// A run that was started and goes on.
  final class Running {
    let process: Process
    private let folder: URL

    fileprivate init(process: Process, folder: URL) {
      self.process = process
      self.folder = folder
    }

    /// What it has printed so far.
    var output: String {
      (try? String(contentsOf: folder.appendingPathComponent("stdout"), encoding: .utf8)) ?? ""
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits until the condition holds. False when the process ended before, or after a minute.
    func wait(until condition: () -> Bool) -> Bool {
      let end = Date().addingTimeInterval(60)
      while Date() < end {
        if condition() { return true }
        if !process.isRunning { return condition() }
        usleep(5000)
      }
      return false
    }

    /// Waits for the end; after two minutes it is killed.
    func finish() -> Result {
      let end = Date().addingTimeInterval(120)
      while process.isRunning, Date() < end { usleep(5000) }
      if process.isRunning { send(SIGKILL) }
      process.waitUntilExit()
      func text(_ name: String) -> String {
        let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) ?? Data()
        return String(decoding: data, as: UTF8.self)
      }
      let bySignal = process.terminationReason == .uncaughtSignal
      let result = Result(
        status: process.terminationStatus + (bySignal ? 128 : 0), output: text("stdout"), errors: text("stderr"))
      try? FileManager.default.removeItem(at: folder)
      return result
    }
  }

  /// `$WORKBENCH`, or the program beside the test bundle.
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["WORKBENCH"], !path.isEmpty { return path }
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    // The tests run in a program of the toolchain, which is given the bundle, or in the bundle itself.
    let candidates = [bundle] + CommandLine.arguments
    for candidate in candidates {
      let beside = URL(fileURLWithPath: candidate).deletingLastPathComponent().appendingPathComponent("workbench").path
      if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    }
    return FileManager.default.currentDirectoryPath + "/.build/release/workbench"
  }()

  /// - Parameter program: nil: the built one.
  static func start(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:], program: String? = nil
  ) throws -> Running {
    let streams = FileManager.default.temporaryDirectory.appendingPathComponent("workbench-streams-\(UUID())")
    try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
    func stream(_ name: String) throws -> FileHandle {
      let url = streams.appendingPathComponent(name)
      try Data().write(to: url)
      return try FileHandle(forWritingTo: url)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program ?? path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try stream("stdout")
    process.standardError = try stream("stderr")
    try process.run()
    return Running(process: process, folder: streams)
  }

  static func run(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:], program: String? = nil
  ) throws -> Result {
    try start(arguments, in: folder, environment: environment, program: program).finish()
  }
}
