"""The same files through Pillow: pillow.py DIR, DIR as picture-bench --keep left it. Needs pillow and numpy."""

import glob
import sys
import time

import numpy
from PIL import Image


def measure(name, read):
    files = sorted(glob.glob(sys.argv[1] + "/*.jpg"))
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for file in files:
            read(file)
        best = min(best, time.process_time() - start)
    print(f"{name:30} {best / len(files) * 1e3:8.3f} ms of one core")


def full(file):
    return numpy.asarray(Image.open(file).convert("RGB").resize((256, 256), Image.BILINEAR), dtype=numpy.float32)


def draft(file):
    image = Image.open(file)
    image.draft("RGB", (256, 256))
    return numpy.asarray(image.resize((256, 256), Image.BILINEAR), dtype=numpy.float32)


measure("Pillow", full)
measure("Pillow with draft", draft)
