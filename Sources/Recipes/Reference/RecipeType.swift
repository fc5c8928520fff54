import Schemas

/// What a value of a recipe is: for the reference and for editors. Options have their own, `OptionKind`.
package indirect enum RecipeType: Sendable {
  case boolean, integer, number, string
  /// A table with any keys and values.
  case table
  /// One of these words.
  case choice([String])
  case list(RecipeType)
  /// A table from names to values of one type.
  case map(RecipeType)
  /// A table with these fields.
  case record(RecipeRecord)
  case object(RecipeKind)
  /// One of these, as the call decides; to editors, under this name, it is each of them.
  case oneOf(String, [RecipeKind])
  /// nil: it gives nothing.
  case function([RecipeField], returns: RecipeType?)
  /// A table of options.
  case options(Schema)
  case either([RecipeType])
  /// As what the caller gave for the parameter of this type.
  case generic
  /// May be nil.
  case optional(RecipeType)

  /// As the reference names it: `a list of which each is a string`.
  package var phrase: String {
    switch self {
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .table, .options: "a table"
    case .choice(let words): words.map { "'\($0)'" }.joined(separator: " or ")
    case .list(let element): "a list of which each is \(element.phrase)"
    case .map(let element): "a table from names to \(element.phrase)"
    case .record(let record): "a table with " + record.fields.map { "`\($0.name)`" }.joined(separator: ", ")
    case .object(let kind): kind.phrase
    case .oneOf(_, let kinds): kinds.map(\.phrase).joined(separator: " or ")
    case .function: "a function"
    case .either(let types): types.map(\.phrase).joined(separator: " or ")
    case .generic: "a value"
    case .optional(let type): "nil or " + type.phrase
    }
  }
}

/// A named value: a property, a field of a table, a parameter of a function.
package struct RecipeField: Sendable {
  package let name: String
  package let type: RecipeType
  /// One line.
  package let help: String

  package init(_ name: String, _ type: RecipeType, _ help: String) {
    self.name = name
    self.type = type
    self.help = help
  }
}

/// A table with known fields that recipes are handed.
package struct RecipeRecord: Sendable {
  /// What editors call it: `EpochInfo`.
  package let name: String
  package let help: String
  package let fields: [RecipeField]

  package init(_ name: String, help: String, fields: [RecipeField]) {
    self.name = name
    self.help = help
    self.fields = fields
  }
}

/// A function or method that recipes call.
package struct RecipeFunction: Sendable {
  /// `data.folder` of `wb.data.folder`; the bare name of a method.
  package let name: String
  package let help: String
  package let parameters: [RecipeField]
  /// nil: it gives nothing.
  package let result: RecipeType?

  package init(_ name: String, help: String, parameters: [RecipeField] = [], result: RecipeType? = nil) {
    self.name = name
    self.help = help
    self.parameters = parameters
    self.result = result
  }
}
