import Foundation

/// A process that tries the plugin: whatever the plugin does to it, the run goes on.
struct CheckProcess {
  /// How a process came to its end.
  struct Ending {
    var messages: [CheckMessage] = []
    /// nil: it did all that it should. Else a sentence: how it ended, and doing what.
    var accident: String?
    /// It did not answer for the time limit.
    var isHanging = false
    var seconds = 0.0
  }

  /// The arguments that make this program, or another, call `PluginChecks.runChild`; the request follows as the last.
  var command: [String]
  /// Variables beside those of this process.
  var environment: [String: String]
  var shouldStop: @Sendable () -> Bool

  /// The descriptor on which the process answers.
  static let descriptor: Int32 = 3

  /// - Throws: `PluginCheckError.cannotStart`, `interrupted`.
  func run(_ request: CheckRequest) throws -> Ending {
    let start = ContinuousClock.now
    let json = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
    let answers = try AnswerPipe()
    defer { answers.close() }
    let errors = try AnswerPipe()
    defer { errors.close() }
    let id = try spawn(command + [json], answers: answers.writing, errors: errors.writing)
    answers.closeWriting()
    errors.closeWriting()

    var ending = Ending()
    let reader = Lines(descriptor: answers.reading)
    let errorReader = Lines(descriptor: errors.reading)
    var lastSign = ContinuousClock.now
    let limit = Duration.seconds(request.settings.timeLimit)
    // A process that the plugin started may hold the other end open for longer.
    while reader.isOpen, ending.messages.last?.isLast != true {
      if shouldStop() {
        end(id)
        throw PluginCheckError.interrupted
      }
      let lines = wait(for: [reader, errorReader]) ? reader.read() : []
      errorReader.readIfReady()
      for line in lines {
        if let message = try? JSONDecoder().decode(CheckMessage.self, from: Data(line)) {
          ending.messages.append(message)
        }
        lastSign = .now
      }
      if ContinuousClock.now - lastSign > limit {
        ending.isHanging = true
        break
      }
    }
    // Ctrl-C at a terminal reaches both processes.
    if shouldStop() {
      end(id)
      throw PluginCheckError.interrupted
    }
    let isDone = ending.messages.last?.isLast ?? false
    if ending.isHanging || isDone { kill(id, SIGKILL) }
    let status = self.status(id, limit: limit)
    errorReader.readIfReady()
    if ending.isHanging || !isDone {
      ending.accident = sentence(
        for: status, ending: ending, limit: request.settings.timeLimit, lastError: errorReader.lastLine)
    }
    ending.seconds = (ContinuousClock.now - start).seconds
    return ending
  }

  private func sentence(for status: Int32?, ending: Ending, limit: Double, lastError: String?) -> String {
    let doing = ending.messages.last(where: { $0.doing != nil })?.doing ?? "loading the plugin"
    var text: String
    if ending.isHanging {
      text = "no end after \(limit.formatted) seconds"
    } else if let status, status & 0x7f != 0 {
      let signal = status & 0x7f
      text = "the process ended by signal \(signal) (\(signalName(signal)))"
    } else {
      text = "the process was ended with exit code \(status.map { ($0 >> 8) & 0xff } ?? 0)"
    }
    if let crash = ending.messages.last?.crash { text += ", \(crash)" }
    text += ": \(doing)"
    if let lastError, !ending.isHanging { text += "; its last words: \(lastError)" }
    return text
  }

  /// The status of `waitpid`; nil when there is none.
  private func status(_ id: pid_t, limit: Duration) -> Int32? {
    // Its answers are at an end, but it may live on.
    let deadline = ContinuousClock.now + min(limit, .seconds(5))
    var status: Int32 = 0
    while true {
      let result = waitpid(id, &status, WNOHANG)
      if result == id { return status }
      if result < 0 && errno != EINTR { return nil }
      if ContinuousClock.now > deadline { kill(id, SIGKILL) }
      usleep(500)
    }
  }

  private func end(_ id: pid_t) {
    kill(id, SIGKILL)
    _ = status(id, limit: .zero)
  }

  private func spawn(_ arguments: [String], answers: Int32, errors: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, errors, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    posix_spawn_file_actions_adddup2(&actions, answers, CheckProcess.descriptor)
    // The runtime's own report of a crash takes seconds.
    var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    variables["SWIFT_BACKTRACE"] = "enable=no"
    let argv = arguments.map { strdup($0) } + [nil]
    let environ = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + environ { free(pointer) } }
    var id: pid_t = 0
    let result = posix_spawn(&id, arguments[0], &actions, nil, argv, environ)
    if result != 0 { throw PluginCheckError.cannotStart(String(cString: strerror(result))) }
    return id
  }

  /// Until one of them can be read, a tenth of a second at most. True when the first one can.
  private func wait(for readers: [Lines]) -> Bool {
    var polls = readers.map {
      pollfd(fd: $0.isOpen ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0)
    }
    return poll(&polls, nfds_t(polls.count), 100) > 0 && polls[0].revents != 0
  }
}

/// Two ends of a connection that no other program inherits.
private final class AnswerPipe {
  let reading: Int32
  private(set) var writing: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    // A pair of sockets rather than a pipe: it can be made so that a program started meanwhile does not inherit it.
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw PluginCheckError.cannotStart(String(cString: strerror(errno)))
    }
    // Not one of the numbers that the new process is to have.
    reading = fcntl(ends[0], F_DUPFD_CLOEXEC, 10)
    writing = fcntl(ends[1], F_DUPFD_CLOEXEC, 10)
    Glibc.close(ends[0])
    Glibc.close(ends[1])
    guard reading >= 0, writing >= 0 else {
      throw PluginCheckError.cannotStart(String(cString: strerror(errno)))
    }
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
  }

  func closeWriting() {
    if writing >= 0 { Glibc.close(writing) }
    writing = -1
  }

  func close() {
    closeWriting()
    Glibc.close(reading)
  }
}

/// The lines that come through a descriptor that does not block.
private final class Lines {
  let descriptor: Int32
  private(set) var isOpen = true
  private(set) var lastLine: String?
  private var pending: [UInt8] = []

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The lines that are complete.
  func read() -> [[UInt8]] {
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &block, block.count)
      if count > 0 {
        pending += block[..<count]
        if pending.count < 1 << 22 { continue }
        break
      }
      if count < 0, errno == EINTR { continue }
      if count == 0 || errno != EAGAIN { isOpen = false }
      break
    }
    var lines = pending.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    pending = isOpen ? lines.removeLast() : []
    // A program that writes without end and without newlines.
    if pending.count > 1 << 20 { pending = [] }
    return lines.filter { !$0.isEmpty }
  }

  /// Keeps the last line for `lastLine`.
  func readIfReady() {
    if !isOpen { return }
    let line = read().last { line in line.contains { $0 > 32 } }
    if let line { lastLine = String(decoding: line.prefix(300), as: UTF8.self) }
  }
}

private func signalName(_ number: Int32) -> String {
  switch number {
  case SIGSEGV: "SIGSEGV"
  case SIGABRT: "SIGABRT"
  case SIGBUS: "SIGBUS"
  case SIGILL: "SIGILL"
  case SIGFPE: "SIGFPE"
  case SIGKILL: "SIGKILL"
  case SIGTERM: "SIGTERM"
  case SIGTRAP: "SIGTRAP"
  case SIGPIPE: "SIGPIPE"
  default: String(cString: strsignal(number))
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
