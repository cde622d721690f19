"""Speed of eight environments of this suite beside robosuite's Lift, on this machine, in one run.

    ./divla python python/bench_vs_robosuite.py --robosuite-python VENV/bin/python

Both: a Franka Panda on a table, control at 20 Hz over physics of 2 ms, the same number and size of cameras read at every
step, random actions, no learning. Each runs in a process of its own, since they need different versions of MuJoCo; they
take turns, so that whatever else the machine does hits both, and the one whose turn it is not sleeps. Printed are
environment steps a second by the clock and by processor time, and the ratios of each round.

robosuite is one environment in one process, as its users step it, whose OpenGL (Mesa's llvmpipe where there is no GPU) uses all
processors; --robosuite-processes P runs P of them at the same time and counts all their steps. The last line compares one
call of step, which steps all eight environments here, with one call of robosuite's.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

CAMERAS = {
    "divla": ["left", "right", "wrist"],
    "robosuite": ["agentview", "frontview", "robot0_eye_in_hand"],
}


def check_pictures(first, later):
    for before, after in zip(first, later):
        if after.std() < 5 or (before == after).all():
            sys.exit("error: pictures that show nothing, or nothing that moves: this would measure something else")


class Divla:
    def __init__(self, options):
        import divla_bench
        import numpy as np

        self.rng = np.random.default_rng(1)
        self.envs = divla_bench.VectorEnv(
            "cube_to_coloured_box", num_envs=options.envs, threads=options.threads, autoreset_mode="NextStep",
            cameras=CAMERAS["divla"][: options.cameras], height=options.size, width=options.size,
        )  # fmt: skip
        observation, _ = self.envs.reset(seed=1)
        self.last = self._pictures(observation)
        self.envs_per_step = options.envs
        self.note = f"{options.envs} environments, {self.envs.shape['threads']} threads"

    def _pictures(self, observation):
        return [pictures[0] for pictures in observation["images"].values()]

    def step(self):
        space = self.envs.action_space
        action = self.rng.uniform(space.low, space.high).astype("float32")
        self.now = self._pictures(self.envs.step(action)[0])


class Robosuite:
    def __init__(self, options):
        os.environ.setdefault("MUJOCO_GL", options.gl)
        import mujoco
        import numpy as np
        import robosuite

        self.rng = np.random.default_rng(1)
        self.cameras = CAMERAS["robosuite"][: options.cameras]
        self.env = robosuite.make(
            "Lift", robots="Panda", has_renderer=False, has_offscreen_renderer=True, use_camera_obs=True, control_freq=20,
            camera_names=self.cameras, camera_heights=options.size, camera_widths=options.size, ignore_done=True,
        )  # fmt: skip
        self.last = self._pictures(self.env.reset())
        self.envs_per_step = 1
        self.note = f"robosuite {robosuite.__version__}, MuJoCo {mujoco.__version__}, MUJOCO_GL={os.environ['MUJOCO_GL']}"

    def _pictures(self, observation):
        return [observation[f"{camera}_image"].copy() for camera in self.cameras]

    def step(self):
        self.now = self._pictures(self.env.step(self.rng.uniform(-1, 1, self.env.action_dim))[0])


def work(options):
    """A worker: for each line `N` on stdin does N steps and answers with a line of figures."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print
    side = {"divla": Divla, "robosuite": Robosuite}[options.worker](options)
    for _ in range(3):
        side.step()
    check_pictures(side.last, side.now)
    print(json.dumps({"note": side.note}), file=answers, flush=True)
    for line in sys.stdin:
        side.last = side.now
        used = resource.getrusage(resource.RUSAGE_SELF)
        started = time.perf_counter()
        for _ in range(int(line)):
            side.step()
        clock = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_SELF)
        check_pictures(side.last, side.now)
        cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
        print(json.dumps({"steps": int(line) * side.envs_per_step, "clock": clock, "cpu": cpu}), file=answers, flush=True)


def warm_up(python, arguments):
    """Lets numba, which robosuite uses, compile into its cache. In a process that compiles, llvmpipe draws nonsense, fast:
    the two LLVMs do not get along. So that process is not measured."""
    command = [python, __file__, *arguments, "--worker", "robosuite"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, input="20\n", text=True, env=environment, capture_output=True)


class Workers:
    def __init__(self, name, python, count, arguments):
        command = [python, __file__, *arguments, "--worker", name]
        environment = dict(os.environ)
        if name == "robosuite":
            environment.pop("PYTHONPATH", None)  # it names our module, for another interpreter
        self.processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
            for _ in range(count)
        ]  # fmt: skip
        self.note = [self.answer(process)["note"] for process in self.processes][0]

    def answer(self, process):
        line = process.stdout.readline()
        if not line:
            sys.exit(f"error: {' '.join(process.args)} ended")
        return json.loads(line)

    def round(self, steps):
        """(environment steps a second by the clock, the same by processor time)."""
        started = time.perf_counter()
        for process in self.processes:
            print(steps, file=process.stdin, flush=True)
        answers = [self.answer(process) for process in self.processes]
        clock = time.perf_counter() - started
        done = sum(answer["steps"] for answer in answers)
        return done / clock, done / sum(answer["cpu"] for answer in answers)

    def close(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--robosuite-python", default=sys.executable, help="an interpreter that has robosuite")
    parser.add_argument("--robosuite-processes", type=int, default=1)
    parser.add_argument("--envs", type=int, default=8, help="of this suite")
    parser.add_argument("--threads", type=int, default=0, help="of this suite; 0: one for each processor")
    parser.add_argument("--cameras", type=int, default=3, choices=[1, 2, 3])
    parser.add_argument("--size", type=int, default=224, help="height and width, pixels")
    parser.add_argument("--gl", default="egl", choices=["egl", "osmesa"], help="how robosuite draws")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=20, help="calls of step in a round, on each side")
    parser.add_argument("--worker", choices=["divla", "robosuite"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options)
    arguments = sys.argv[1:]
    warm_up(options.robosuite_python, arguments)
    sides = {
        "divla": Workers("divla", sys.executable, 1, arguments),
        "robosuite": Workers("robosuite", options.robosuite_python, options.robosuite_processes, arguments),
    }
    print(f"{options.cameras} cameras of {options.size} x {options.size}, {os.cpu_count()} processors")
    for name, side in sides.items():
        print(f"{name}: {side.note}")
    print(f"robosuite processes: {options.robosuite_processes}")
    print("round  divla steps/s  robosuite steps/s  ratio   | by processor time: divla  robosuite  ratio")
    rates = {name: [] for name in sides}
    for number in range(options.rounds):
        for name, side in sides.items():
            rates[name].append(side.round(options.steps))
        (ours, ours_cpu), (theirs, theirs_cpu) = rates["divla"][-1], rates["robosuite"][-1]
        print(f"{number + 1:5}  {ours:13.1f}  {theirs:17.2f}  {ours / theirs:5.1f}   | {ours_cpu:24.1f}  {theirs_cpu:9.2f}  "
              f"{ours_cpu / theirs_cpu:5.1f}", flush=True)  # fmt: skip
    for side in sides.values():
        side.close()
    for k, what in enumerate(["clock", "processor time"]):
        ratios = sorted(ours[k] / theirs[k] for ours, theirs in zip(rates["divla"], rates["robosuite"]))
        print(f"ratio by {what}: median {statistics.median(ratios):.1f}, from {ratios[0]:.1f} to {ratios[-1]:.1f}")
    calls = [ours[0] / options.envs / (theirs[0] / options.robosuite_processes) for ours, theirs in zip(*rates.values())]
    print(f"calls of step, by the clock: ratio {statistics.median(calls):.1f}")


if __name__ == "__main__":
    main()
