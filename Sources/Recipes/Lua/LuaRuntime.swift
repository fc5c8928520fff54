import CLuaBridge
import Foundation
import Tensors

/// A Lua state with the `wb` table, seen from Swift. Not thread-safe: it belongs to the thread that made it.
package final class LuaRuntime {
  package typealias Handler = (LuaCall) throws -> LuaValue

  package struct Settings {
    package var memoryLimit = 512 << 20
    package var seed = 1
    package var trusted = false
    /// Where `require` looks.
    package var folders: [String] = []

    package init() {}
  }

  /// What Swift must answer besides the defined functions.
  package struct Callbacks {
    package var print: (String) -> Void
    package var shouldStop: () -> Bool
    /// `wb.loss.xx`: the error for a name that is not there.
    package var missing: (_ namespace: String, _ name: String) -> any Error
    package var add: (LuaValue, LuaValue) throws -> LuaValue
    package var multiply: (LuaValue, LuaValue) throws -> LuaValue

    package init(
      print: @escaping (String) -> Void, shouldStop: @escaping () -> Bool,
      missing: @escaping (String, String) -> any Error, add: @escaping (LuaValue, LuaValue) throws -> LuaValue,
      multiply: @escaping (LuaValue, LuaValue) throws -> LuaValue
    ) {
      self.print = print
      self.shouldStop = shouldStop
      self.missing = missing
      self.add = add
      self.multiply = multiply
    }
  }

  /// The objects that Lua holds, by handle.
  private(set) var objects: [Int64: any RecipeObject] = [:]
  /// The last error that a handler threw, and the text that Lua was given for it: tells a typed error from a script's.
  package private(set) var lastThrown: (message: String, error: any Error)?
  package var objectCount: Int { objects.count }
  package var memoryUsed: Int { state.map { wbl_memory_used($0) } ?? 0 }

  private var state: OpaquePointer?
  private var handlers: [Handler] = []
  private var sharedTables = 0
  private var nextHandle: Int64 = 1
  private let callbacks: Callbacks

  /// - Throws: `RequestError.outOfMemory`.
  package init(_ settings: Settings, callbacks: Callbacks) throws {
    self.callbacks = callbacks
    var raw = wbl_settings()
    raw.context = Unmanaged.passUnretained(self).toOpaque()
    raw.dispatch = { context, operation, arguments, count, result, message in
      guard let context, let result, let message else { return Int32(WBL_ERROR) }
      let runtime = Unmanaged<LuaRuntime>.fromOpaque(context).takeUnretainedValue()
      return runtime.dispatch(
        operation, UnsafeBufferPointer(start: arguments, count: count), result: result, message: message)
    }
    raw.should_stop = { context in
      guard let context else { return 0 }
      return Unmanaged<LuaRuntime>.fromOpaque(context).takeUnretainedValue().callbacks.shouldStop() ? 1 : 0
    }
    raw.release = { context, handle in
      guard let context else { return }
      Unmanaged<LuaRuntime>.fromOpaque(context).takeUnretainedValue().objects[handle] = nil
    }
    raw.memory_limit = settings.memoryLimit
    raw.seed = Int64(settings.seed)
    raw.trusted = settings.trusted ? 1 : 0
    raw.folder_count = settings.folders.count
    let folders = settings.folders.map { $0.withCString { strdup($0) } }
    defer { for folder in folders { free(folder) } }
    let state = folders.map { UnsafePointer($0) }.withUnsafeBufferPointer { pointers in
      raw.folders = pointers.baseAddress
      return wbl_open(&raw)
    }
    guard let state else { throw RequestError.outOfMemory }
    self.state = state
    for kind in RecipeKind.allCases { try check(wbl_define_kind(state, kind.rawValue, kind.word)) }
  }

  deinit { wbl_close(state) }

  // MARK: Definitions

  /// `define("loss.ce")` makes `wb.loss.ce`.
  package func define(_ path: String, _ handler: @escaping Handler) throws {
    handlers.append(handler)
    try check(wbl_define(state, path, Int32(handlers.count - 1)))
  }

  package func define(_ path: String, value: LuaValue) throws {
    var raw = wbl_value()
    fill(&raw, with: value)
    defer { wbl_free(&raw) }
    try check(wbl_define_value(state, path, &raw))
  }

  /// The handler's first argument is the object.
  package func defineMethod(_ kind: RecipeKind, _ name: String, _ handler: @escaping Handler) throws {
    handlers.append { call in
      guard case .object(let object) = call[0], object.kind == kind else {
        throw RequestError.methodWithoutObject(name: name, kind: kind.phrase)
      }
      return try handler(call)
    }
    try check(wbl_define_method(state, kind.rawValue, name, Int32(handlers.count - 1)))
  }

  private func check(_ status: Int32) throws { if status != 0 { throw RequestError.outOfMemory } }

  func retain(_ object: any RecipeObject) -> Int64 {
    nextHandle += 1
    objects[nextHandle] = object
    return nextHandle
  }

  // MARK: Lua is called

  /// Runs a recipe's text. `name` is what messages call it.
  package func run(_ text: [UInt8], name: String) throws(LuaFailure) {
    var message = wbl_value()
    var traceback = wbl_value()
    defer {
      wbl_free(&message)
      wbl_free(&traceback)
    }
    let status = text.withUnsafeBytes { bytes in
      wbl_run(
        state, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "@" + name, &message, &traceback)
    }
    try check(status, name, message, traceback)
  }

  func call(_ function: LuaFunction, _ arguments: [LuaValue]) throws(LuaFailure) -> LuaValue {
    var raw = [wbl_value](repeating: wbl_value(), count: arguments.count)
    var result = wbl_value()
    var message = wbl_value()
    var traceback = wbl_value()
    defer {
      for i in raw.indices { wbl_free(&raw[i]) }
      wbl_free(&result)
      wbl_free(&message)
      wbl_free(&traceback)
    }
    for (i, argument) in arguments.enumerated() { fill(&raw[i], with: argument) }
    let status = wbl_call(state, Int64(function.id), raw, raw.count, &result, &message, &traceback)
    try check(status, "the recipe", message, traceback)
    return value(result)
  }

  /// What `math.random` gives from here on depends on the key alone.
  package func seedRandom(_ key: RandomKey) { wbl_seed_random(state, Int64(bitPattern: key.bits)) }

  /// A new table that lives in Lua and is handed to functions as it is, not as a copy.
  package func makeSharedTable() -> SharedTable {
    sharedTables += 1
    return SharedTable(number: sharedTables, runtime: self)
  }

  func read(_ shared: SharedTable) throws(LuaFailure) -> LuaTable {
    var result = wbl_value()
    var message = wbl_value()
    var traceback = wbl_value()
    defer {
      wbl_free(&result)
      wbl_free(&message)
      wbl_free(&traceback)
    }
    let status = wbl_read_shared(state, Int64(shared.number), &result, &message, &traceback)
    try check(status, "the recipe", message, traceback)
    guard case .table(let table) = value(result) else { return LuaTable() }
    return table
  }

  func write(_ table: LuaTable, to shared: SharedTable) throws(LuaFailure) {
    var raw = wbl_value()
    var message = wbl_value()
    var traceback = wbl_value()
    fill(&raw, with: .table(table))
    defer {
      wbl_free(&raw)
      wbl_free(&message)
      wbl_free(&traceback)
    }
    let status = wbl_write_shared(state, Int64(shared.number), &raw, &message, &traceback)
    try check(status, "the recipe", message, traceback)
  }

  /// `recipe.lua:14`: the line that runs; empty outside a script.
  package var position: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      wbl_where(state, base, buffer.count)
      return String(cString: base)
    }
  }

  private func check(
    _ status: Int32, _ name: String, _ message: wbl_value, _ traceback: wbl_value
  ) throws(LuaFailure) {
    let text = LuaRuntime.text(message)
    switch Int(status) {
    case Int(WBL_RUN_OK): return
    case Int(WBL_RUN_SYNTAX): throw LuaFailure(kind: .syntax, message: text, traceback: "")
    case Int(WBL_RUN_MEMORY): throw LuaFailure(kind: .memory, message: "\(name): \(text)", traceback: "")
    case Int(WBL_RUN_STOPPED): throw LuaFailure(kind: .stopped, message: "interrupted", traceback: "")
    default:
      throw LuaFailure(kind: .script, message: text, traceback: LuaRuntime.shorten(LuaRuntime.text(traceback)))
    }
  }

  /// Only the lines of recipes, and only when there is more than the main chunk.
  private static func shorten(_ traceback: String) -> String {
    let lines = traceback.split(separator: "\n").filter { $0.hasPrefix("\t") && !$0.hasPrefix("\t[C]") }
    return lines.count < 2 ? "" : lines.map { "  from " + $0.dropFirst() }.joined(separator: "\n")
  }

  // MARK: Lua calls

  private func dispatch(
    _ operation: Int32, _ raw: UnsafeBufferPointer<wbl_value>, result: UnsafeMutablePointer<wbl_value>,
    message: UnsafeMutablePointer<wbl_value>
  ) -> Int32 {
    do {
      let call = LuaCall(arguments: raw.map { value($0) }, position: position)
      fill(result, with: try answer(operation, call))
      return Int32(WBL_OK)
    } catch let failure as LuaFailure {
      return raise(
        failure, as: failure.message, status: failure.kind == .stopped ? WBL_STOP : WBL_ERROR_POSITIONED, message)
    } catch let error as PositionedError {
      return raise(error, as: "\(error)", status: WBL_ERROR_POSITIONED, message)
    } catch is StopRequest {
      return Int32(WBL_STOP)
    } catch {
      return raise(error, as: "\(error)", status: WBL_ERROR, message)
    }
  }

  private func raise(
    _ error: any Error, as text: String, status: Int, _ message: UnsafeMutablePointer<wbl_value>
  ) -> Int32 {
    lastThrown = (text, error)
    LuaRuntime.fill(message, with: text)
    return Int32(status)
  }

  private func answer(_ operation: Int32, _ call: LuaCall) throws -> LuaValue {
    if operation >= 0 { return try handlers[Int(operation)](call) }
    switch Int(operation) {
    case Int(WBL_PRINT):
      if case .string(let text) = call[0] { callbacks.print(text) }
      return .none
    case Int(WBL_ADD): return try callbacks.add(call[0], call[1])
    case Int(WBL_MULTIPLY): return try callbacks.multiply(call[0], call[1])
    case Int(WBL_MISSING), Int(WBL_ASSIGN):
      if case .string(let namespace) = call[0] {
        guard operation == WBL_MISSING else { throw RequestError.readOnly(namespace) }
        if case .string(let name) = call[1] { throw callbacks.missing(namespace, name) }
        return .none
      }
      guard case .object(let object) = call[0] else { return .none }
      throw RequestError.readOnly(object.kind.phrase)
    case Int(WBL_EQUAL):
      guard case .object(let a) = call[0], case .object(let b) = call[1] else { return .boolean(false) }
      return .boolean(a === b)
    default:
      guard case .object(let object) = call[0] else { return .none }
      return try answer(operation, call, for: object)
    }
  }

  private func answer(_ operation: Int32, _ call: LuaCall, for object: any RecipeObject) throws -> LuaValue {
    switch Int(operation) {
    case Int(WBL_DESCRIBE): return .string(object.text)
    case Int(WBL_APPLY):
      return try object.apply(LuaCall(arguments: Array(call.arguments.dropFirst()), position: call.position))
    case Int(WBL_GET):
      guard case .string(let name) = call[1] else { return .none }
      if let value = try object.property(name) { return value }
      throw RequestError.noProperty(owner: object.kind.phrase, name: name, known: object.propertyNames)
    default: throw RequestError.noLength(object.kind.phrase)
    }
  }
}
