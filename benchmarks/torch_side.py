"""PyTorch's side of what torch_bench.py does not print: processor time and peak memory of a workload, and time against size.

    torch_side.py TORCH_BENCH THREADS cost WORKLOAD
    torch_side.py TORCH_BENCH THREADS micro|mlp BATCH,WIDTH ...
    torch_side.py TORCH_BENCH THREADS gpt BATCH,STEPS ...

The models are those of torch_bench.py, run here with a workload that it does not have so as to define them only, or
its multilayer perceptrons with other sizes."""
import json, resource, runpy, statistics, sys, time

path, threads, kind, *what = sys.argv[1:]
sys.argv = [path, threads, "none"]
bench = runpy.run_path(path)
import torch, torch.nn as nn, torch.nn.functional as F


def peak_bytes():
    # ru_maxrss also counts the program that started this one; the high-water mark of Linux does not.
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def training(loss, optimizer):
    def step():
        optimizer.zero_grad(); loss().backward(); optimizer.step()
    return step


def micro(batch, width):
    m = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
    x, y = torch.randn(batch, 2), torch.randint(0, 2, (batch, 1)).float()
    return training(lambda: F.binary_cross_entropy_with_logits(m(x), y), torch.optim.SGD(m.parameters(), lr=0.1))


def mlp(batch, width):
    m = nn.Sequential(nn.Linear(784, width), nn.ReLU(), nn.Linear(width, 10))
    x, y = torch.randn(batch, 784), torch.randint(0, 10, (batch,))
    return training(lambda: F.cross_entropy(m(x), y), torch.optim.Adam(m.parameters(), lr=1e-3))


def gpt(batch, steps):
    m = bench["Gpt"](T=steps)
    x, y = torch.randint(0, 65, (batch, steps)), torch.randint(0, 65, (batch * steps,))
    return training(lambda: F.cross_entropy(m(x).view(-1, 65), y), torch.optim.AdamW(m.parameters(), lr=1e-3))


def median_seconds(step, seconds):
    for _ in range(3): step()
    rounds, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(rounds) < 5:
        n = 1 if not rounds else max(1, int(seconds / 10 / rounds[0]))
        t = time.perf_counter()
        for _ in range(n): step()
        rounds.append((time.perf_counter() - t) / n)
    return statistics.median(rounds[1:])


if kind == "cost":
    step, count = bench[what[0]](), 0
    for _ in range(5): step()
    start, end = time.process_time(), time.perf_counter() + 2
    while time.perf_counter() < end or count < 5: step(); count += 1
    print(json.dumps({"workload": what[0], "threads": int(threads), "peak_bytes": peak_bytes(),
                      "processor_seconds_per_step": (time.process_time() - start) / count}))
else:
    for sizes in what:
        first, second = map(int, sizes.split(","))
        seconds = median_seconds({"micro": micro, "mlp": mlp, "gpt": gpt}[kind](first, second), 0.5)
        print(json.dumps({"sizes": sizes, "threads": int(threads), "seconds_per_step": seconds}), flush=True)
