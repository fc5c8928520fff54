/// A property of one type of value: what it is, and how it is read. The one place that answers recipes, suggestions,
/// the reference and editors.
package struct RecipeProperty<Owner>: Sendable {
  package let field: RecipeField
  package let read: @Sendable (Owner) throws -> LuaValue

  package init(
    _ name: String, _ type: RecipeType, _ help: String, read: @escaping @Sendable (Owner) throws -> LuaValue
  ) {
    field = RecipeField(name, type, help)
    self.read = read
  }
}

extension LuaTable {
  /// The values that are not nil, under the properties' names.
  package init<Owner>(_ owner: Owner, _ properties: [RecipeProperty<Owner>]) throws {
    self.init()
    for property in properties {
      let value = try property.read(owner)
      if case .none = value { continue }
      fields[property.field.name] = value
    }
  }
}

/// A type of recipe object without its Swift type: what the reference and editors say of it.
package struct RecipeClass: Sendable {
  package let kind: RecipeKind
  package let help: String
  package let properties: [RecipeField]
  package let methods: [RecipeFunction]
}
