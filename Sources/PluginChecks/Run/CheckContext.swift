import Foundation
import PluginHost
import Synchronization

/// Where a check finds the plugin, and says what it does and finds.
final class CheckContext: Sendable {
  /// Thrown by a check: there is nothing to try.
  struct NotApplicable: Error {
    let reason: String
  }

  /// Thrown when going on makes no sense; what was wrong is said already.
  struct Stop: Error {}

  /// Failures beyond these are counted only.
  static let mostFailures = 5

  let library: PluginLibrary
  let subject: CheckSubject
  let settings: PluginCheckSettings
  /// Whether `backward` gets NULL for what a plan does not say that it reads, as in networks. Not when it is known not to
  /// bear it: then the other checks can still say something.
  let hidesUndeclared: Bool
  private let answers: CheckAnswers
  private let failures = Atomic<Int>(0)

  init(library: PluginLibrary, subject: CheckSubject, request: CheckRequest, answers: CheckAnswers) {
    self.library = library
    self.subject = subject
    settings = request.settings
    hidesUndeclared = !(request.showsUndeclared ?? false)
    self.answers = answers
  }

  /// Says what comes next: what a crash will be said to have interrupted. Also a sign of life.
  func doing(_ text: String) { answers.write(CheckMessage(doing: text)) }

  /// - Parameter text: what, where, expected and found, in one line.
  func fail(_ text: String) {
    let count = failures.add(1, ordering: .relaxed).newValue
    if count <= CheckContext.mostFailures { answers.write(CheckMessage(failure: text)) }
  }

  /// - Parameter text: what the check leaves out though a person asked for it, and why.
  func note(_ text: String) { answers.write(CheckMessage(note: text)) }

  /// Says a failure where the condition does not hold.
  func expect(_ condition: Bool, _ text: @autoclosure () -> String) { if !condition { fail(text()) } }

  /// How many failures were said.
  var failureCount: Int { failures.load(ordering: .relaxed) }

  func finish() {
    let count = failureCount
    if count > CheckContext.mostFailures {
      answers.write(CheckMessage(failure: "and \(count - CheckContext.mostFailures) more of the kind"))
    }
  }
}

/// The lines that go back to the run.
final class CheckAnswers: Sendable {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  func write(_ message: CheckMessage) {
    guard let data = try? JSONEncoder().encode(message) else { return }
    let line = data + [10]
    line.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
        if count > 0 { sent += count } else if errno != EINTR { return }
      }
    }
  }
}
