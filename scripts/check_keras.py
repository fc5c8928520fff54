"""Run by scripts/check-keras inside of a virtual environment with Keras 2.13 or Keras 3.

check_keras.py make VERSION FOLDER      models with numbers drawn at random, pixels, and Keras' logits for them
check_keras.py load VERSION FOLDER      loads workbench's files, and compares the logits with workbench's
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import warnings

warnings.filterwarnings("ignore")
import numpy as np

if sys.argv[2] == "2":
    import tensorflow

    keras = tensorflow.keras
    from keras.src.applications.convnext import StochasticDepth
else:
    import keras
    from keras.src.applications.convnext import StochasticDepth

layers = keras.layers
LIMIT = 1e-4  # of a logit, relative to the largest one or 1


class LayerScale(layers.Layer):
    """As in Herbariograph: not registered anywhere."""

    def __init__(self, epsilon=0.1, **options):
        super().__init__(**options)
        self.epsilon = epsilon

    def build(self, shape):
        self.gamma = self.add_weight(
            name="gamma", shape=(shape[-1],), initializer=keras.initializers.Constant(self.epsilon), trainable=True
        )

    def call(self, inputs):
        return inputs * self.gamma

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def sequential():
    l2 = keras.regularizers.L2(1e-4)
    return keras.Sequential(
        [
            keras.Input((25, 31, 3)),
            layers.Rescaling(1 / 127.5, -1),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(3, 2, padding="same"),
            layers.Dropout(0.5),
            layers.Conv2D(8, (3, 5), strides=(2, 1), padding="same", groups=2, use_bias=False, kernel_regularizer=l2),
            layers.BatchNormalization(scale=False, center=False, epsilon=1e-2),
            layers.ReLU(),
            layers.Conv2D(6, 3, padding="same", dilation_rate=2, activation="elu", kernel_initializer="he_normal"),
            layers.AveragePooling2D(2, padding="same"),
            layers.DepthwiseConv2D(3, activation="swish"),
            layers.ELU(),
            layers.Flatten(),
            layers.Dense(16, activation="selu"),
            layers.Activation("tanh"),
            layers.Dense(5),
        ]
    )


def softmax():
    return keras.Sequential(
        [keras.Input((9, 9, 3)), layers.Conv2D(4, 3, activation="gelu"), layers.GlobalAveragePooling2D(),
         layers.Dense(7, activation="softmax")]
    )


def graph():
    inputs = keras.Input((None, None, 3), name="input")
    x = layers.RandomCrop(32, 40, seed=5)(inputs)
    x = layers.Rescaling(1 / 127.5, -1)(x)
    x = layers.Conv2D(8, 4, strides=4, name="stem")(x)
    x = stem = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    # Branches of the same class, of equal and of different lengths.
    a = layers.Conv2D(8, 3, padding="same", name="branch_a")(x)
    b = layers.Conv2D(8, 1, name="branch_b")(x)
    c = layers.Conv2D(8, 3, padding="same", name="branch_c2")(layers.Conv2D(8, 1, name="branch_c1")(x))
    x = layers.Add(name="branches")([c, a, b])
    x = layers.DepthwiseConv2D(5, padding="same", use_bias=False)(x)
    x = layers.LayerNormalization(epsilon=1e-5, center=False)(x)
    x = layers.Conv2D(16, 1, activation="gelu", use_bias=False)(x)
    x = layers.Conv2D(8, 1)(x)
    x = LayerScale(1.0, name="scale")(x)
    x = layers.GaussianNoise(0.1)(x)
    x = StochasticDepth(0.2, name="depth")(x)
    x = x + stem
    # Squeeze and excite as in Herbariograph.
    squeezed = layers.GlobalAveragePooling2D(keepdims=True)(x)
    squeezed = layers.Dense(2, activation="relu", use_bias=False)(squeezed)
    x = x * layers.Dense(8, activation="sigmoid", use_bias=False)(squeezed)
    squeezed = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    x = x * layers.Conv2D(8, 1, activation="sigmoid")(layers.Conv2D(4, 1, activation="tanh")(squeezed))
    x = layers.Multiply()([x, layers.Conv2D(1, 1, activation="sigmoid", name="fuse")(x)])
    x = layers.CenterCrop(5, 7)(x)
    x = 1.0 - x / 2.0
    x = layers.Activation("sigmoid")(layers.Activation("selu")(x))
    x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D(name="output_gap")(x)
    x = layers.LayerNormalization(name="output_norm")(x)
    return keras.Model(inputs, layers.Dense(5, name="output_dense")(x))


MODELS = {"sequential": (sequential, 25, 31), "softmax": (softmax, 9, 9), "graph": (graph, 32, 40)}
if sys.argv[2] == "2":
    # In Keras 3, RandomCrop lets pictures of other sizes pass at inference; in Keras 2.13 it resizes them.
    MODELS["crop"] = (graph, 37, 61)


def make(folder):
    for name, (build, height, width) in MODELS.items():
        generator = np.random.default_rng(7)
        keras.backend.clear_session()
        model = build()
        for weight in model.weights:
            values = generator.normal(0, 0.25, weight.shape)
            if "variance" in weight.name:
                values = 0.5 + values**2
            elif "gamma" in weight.name:
                values = 1 + values
            weight.assign(values.astype("float32"))
        model.save(f"{folder}/{name}.keras")
        pixels = generator.uniform(0, 255, (3, height, width, 3)).astype("float32")
        pixels.tofile(f"{folder}/{name}.pixels")
        with open(f"{folder}/{name}.size", "w") as file:
            file.write(f"{height}x{width}")
        np.savetxt(f"{folder}/{name}.expected", np.asarray(model(pixels, training=False)))


def difference(found, expected):
    """The largest one, relative to the largest logit or 1."""
    if found.shape != expected.shape:
        sys.exit(f"{found.shape} logits, expected {expected.shape}")
    return float(np.abs(found - expected).max() / max(1, np.abs(expected).max()))


def probabilities(logits):
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def report(what, worst):
    print(f"  {what:60s} {worst:.1e}{'' if worst <= LIMIT else '   TOO MUCH'}", flush=True)
    return worst <= LIMIT


def logits(path, like):
    return np.loadtxt(path, ndmin=2).reshape(-1, like.shape[-1])


def compare(folder):
    """Keras' logits for its own models with workbench's."""
    good = True
    for name in MODELS:
        expected = np.loadtxt(f"{folder}/{name}.expected", ndmin=2)
        found = logits(f"{folder}/{name}.found", expected)
        if name == "softmax":
            found = probabilities(found)
        good &= report(name, difference(found, expected))
    return good


def load(folder):
    good = True
    names = sorted(file[: -len(".written.keras")] for file in os.listdir(folder) if file.endswith(".written.keras"))
    for name in names:
        if name == "crop" and sys.argv[2] == "3":
            continue
        keras.backend.clear_session()
        model = keras.models.load_model(f"{folder}/{name}.written.keras", compile=False)
        shape = [3 if extent is None else extent for extent in model.input_shape]
        pixels = np.fromfile(f"{folder}/{name}.pixels", dtype="float32").reshape(-1, *shape[1:])
        expected = np.asarray(model(pixels, training=False))
        found = logits(f"{folder}/{name}.found", expected)
        if model.layers[-1].__class__.__name__ == "Softmax":
            found = probabilities(found)
        good &= report(f"{name}.written.keras, {len(model.layers)} layers", difference(found, expected))
    return good


if __name__ == "__main__":
    action, folder = sys.argv[1], sys.argv[3]
    if action == "make":
        make(folder)
    elif not {"compare": compare, "load": load}[action](folder):
        sys.exit(1)
