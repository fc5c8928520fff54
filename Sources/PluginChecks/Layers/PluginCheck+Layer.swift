extension PluginCheck {
  private static let both: [CheckSubject.Kind] = [.layer, .override]

  /// What holds for every layer, and for every override of one.
  static let layer: [PluginCheck] = [
    PluginCheck("shapes", both, help: "plan takes some shape; outputs and parameters that it names can be") {
      try LayerShapeChecks.shapes($0)
    },
    PluginCheck("plan", both, help: "output and parameters depend on input shapes and options alone") {
      try LayerShapeChecks.plan($0)
    },
    PluginCheck("options", [.layer], help: "plan answers every setting that the schema allows, at its ends too") {
      try LayerShapeChecks.options($0)
    },
    PluginCheck(
      "messages", both, help: "what is refused gets a known status and a sentence that ends within its buffer"
    ) {
      try LayerShapeChecks.messages($0)
    },
    // Before all others that run backward: they go by what it finds.
    PluginCheck("declared-reads", both, help: "backward reads inputs and output only as the plan's flags say") {
      try LayerMemoryChecks.declaredReads($0)
    },
    PluginCheck("output", both, help: "forward writes every number of the planned shape, and numbers only") {
      try LayerMemoryChecks.output($0)
    },
    PluginCheck("memory", both, help: "nothing beside the arrays is written, or read far from them") {
      try LayerMemoryChecks.memory($0)
    },
    PluginCheck("inputs", both, help: "forward and backward leave inputs, parameters and the output as they are") {
      try LayerMemoryChecks.inputs($0)
    },
    PluginCheck("unwritten-memory", both, help: "what memory held before it was written has no influence") {
      try LayerMemoryChecks.unwrittenMemory($0)
    },
    PluginCheck("saved-memory", both, help: "what backward needs of forward is in the saved memory, wherever that lies")
    {
      try LayerMemoryChecks.savedMemory($0)
    },
    PluginCheck("in-place", both, help: "in place and out of place give the same bits, where the flags allow it") {
      try LayerMemoryChecks.inPlace($0)
    },
    PluginCheck("identity", both, help: "with WORKBENCH_IS_IDENTITY the output is the input") {
      try LayerMemoryChecks.identity($0)
    },
    PluginCheck("null-gradients", both, help: "gradients that nobody wants are NULL, and the others stay the same") {
      try LayerGradientChecks.nullGradients($0)
    },
    PluginCheck("gradient-writes", both, help: "backward writes every gradient, and does not add to it") {
      try LayerGradientChecks.writes($0)
    },
    PluginCheck("gradients", both, help: "gradients of inputs and parameters agree with finite differences") {
      try FiniteDifferences.check($0)
    },
    PluginCheck("workers", both, help: "any number of workers, in any order, gives the same bits") {
      try LayerRepeatChecks.workers($0)
    },
    PluginCheck("repeatable", both, help: "the same call gives the same bits, whatever was called between") {
      try LayerRepeatChecks.repeatable($0)
    },
    PluginCheck("instances", both, help: "two instances at work on two threads do not disturb each other") {
      try LayerRepeatChecks.instances($0)
    },
    PluginCheck(
      "batches", both, help: "a batch smaller than the largest, and an example alone, give what they give there"
    ) {
      try LayerRepeatChecks.batches($0)
    },
    PluginCheck("randomness", both, help: "random numbers follow from key and sample alone") {
      try LayerRepeatChecks.randomness($0)
    },
    PluginCheck("inference", both, help: "outside of training there is an output, without samples or gradients") {
      try LayerRepeatChecks.inference($0)
    },
    PluginCheck("prepare", both, help: "prepare can be called twice, and forward leaves persistent memory alone") {
      try LayerRepeatChecks.prepare($0)
    },
    PluginCheck("built-in", [.override], help: "an override gives what the built-in layer gives, gradients too") {
      try OverrideChecks.builtIn($0)
    },
  ]
}
