"""What checking creatives costs: pictures and videos, against only hashing the same files.

    python -m bench.media [--files N]

Hashing reads every byte once, turn by turn with the checks, in the same process. The last figures are of hostile files.
"""

import argparse
import resource
import struct
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from hashlib import file_digest
from pathlib import Path

import numpy as np
from PIL import Image

from adopt.launch.media import check, check_many


def main() -> None:
    """Print the figures, each with its ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = [copied(folder, f"{number}.jpg", photo()) for number in range(files)]
        hashed = seconds(lambda: [hash_of(path) for path in pictures])
        one_by_one = seconds(lambda: [check(path) for path in pictures])
        together = seconds(lambda: list(check_many(pictures)))
        print(f"hash {files:,} photos of 1080x1350   {hashed:7.2f} s")
        print(f"check them one by one           {one_by_one:7.2f} s  {one_by_one / hashed:6.1f} x hashing")
        print(f"check them as the command does  {together:7.2f} s  {together / hashed:6.1f} x hashing")
        movies(folder, files)
        hostile(folder)


def movies(folder: Path, files: int) -> None:
    """The cost of real videos, where PyAV is there to make one."""
    try:
        import av
    except ImportError:
        print("videos: PyAV is not installed")
        return
    path = folder / "a.mp4"
    with av.open(path, "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1080, 1920, "yuv420p"
        for number in range(60):
            pixels = np.full((1920, 1080, 3), number * 4, dtype="uint8")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    hashed = seconds(lambda: [hash_of(path) for _ in range(files)])
    checked = seconds(lambda: [check(path) for _ in range(files)])
    deep = seconds(lambda: [check(path, deep=True)])
    print(f"hash {files:,} videos                {hashed:7.2f} s")
    print(f"check them                      {checked:7.2f} s  {checked / hashed:6.1f} x hashing")
    print(f"decode every frame of one       {deep:7.2f} s  {deep / (checked / files):6.0f} x its check")


def hostile(folder: Path) -> None:
    """The worst of what a hostile file costs: seconds, and memory more than before."""
    samples: Sequence[tuple[str, bytes]] = (
        ("8000x8000 in a small PNG", bomb(8000, 8000)),
        ("60000x60000 in a small PNG", bomb(60_000, 60_000)),
        ("100,000 empty boxes", b"\0\0\0\x0cftypisom" + b"\0\0\0\x08free" * 100_000),
    )
    for name, body in samples:
        path = copied(folder, "hostile", body)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = seconds(lambda path=path: check(path))  # type: ignore[misc] # bound now, called now
        grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{name:<31} {took:7.2f} s  {grew:6.0f} MB more")


def photo() -> bytes:
    """A picture as rich as a photograph: soft noise."""
    from io import BytesIO

    small = np.random.default_rng(1).integers(0, 256, (135, 108, 3), dtype="uint8")
    file = BytesIO()
    Image.fromarray(small).resize((1080, 1350), Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A picture that is small as a file and large in memory."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(width * 4 + 1)) for _ in range(min(height, 8000))) + packer.flush()
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def copied(folder: Path, name: str, body: bytes) -> Path:
    """A file of these bytes."""
    path = folder / name
    path.write_bytes(body)
    return path


def hash_of(path: Path) -> str:
    """The baseline: every byte read once."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
