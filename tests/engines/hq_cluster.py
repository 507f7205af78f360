"""A HyperQueue server with two workers, by the package `hyperqueue`, and a door for `hq submit`.

    hq_cluster.py FOLDER          serves until there is a file "stop" in the folder
    hq_cluster.py FOLDER submit   the door: takes the words of `hq submit` that nearfar writes, and returns when all is done

The package brings everything but the command `hq`. Server, workers and starting of tasks are HyperQueue's own here; only the
reading of the command line is ours.
"""

import json
import os
import pathlib
import sys
import time


def task_ids(text):
    """`0-3,7` as numbers."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def asked(words):
    """Options and command of `hq submit`; what nearfar does not write is an error."""
    cut = words.index("--")
    known = {"--name", "--array", "--cpus", "--crash-limit", "--stdout", "--stderr"}
    options, rest = {}, words[:cut]
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name not in known:
            sys.exit(f"error: unexpected argument '{name}' found")
        options[name] = value if equals else rest.pop(0)
    return options, words[cut + 1 :]


def serve(folder):
    from hyperqueue import Job, LocalCluster
    from hyperqueue.cluster import WorkerConfig

    with LocalCluster(str(folder / "server"), WorkerConfig(cores=1)) as cluster:
        cluster.start_worker(WorkerConfig(cores=1))
        client = cluster.client()
        while True:
            for file in sorted(folder.glob("*.asked")):
                request = json.loads(file.read_text())
                options, command = request["options"], request["command"]
                path, _, mode = options["--stderr"].rpartition(":")
                assert mode == "rm-if-finished", mode
                job = Job(max_fails=None, name=options["--name"])
                for index in task_ids(options["--array"]):
                    # HyperQueue numbers the tasks of such a job itself; those of an array have the numbers asked for.
                    words = ["env", f"HQ_TASK_ID={index}", *command]
                    error = path.replace("%{TASK_ID}", str(index))
                    job.program(words, stdout=None, stderr=error, crash_limit=int(options["--crash-limit"]))
                submitted = client.submit(job)
                client.wait_for_jobs([submitted], raise_on_error=False)
                failed = client.get_failed_tasks(submitted)
                file.with_suffix(".answer").write_text(f"{len(failed)} of {len(job.tasks)} tasks failed\n")
                file.unlink()
            (folder / "ready").touch()
            if os.path.exists(folder / "stop"):
                return
            time.sleep(0.05)


def submit(folder, words):
    options, command = asked(words)
    name = f"{time.time_ns()}"
    filling = folder / f"{name}.filling"
    filling.write_text(json.dumps({"options": options, "command": command}))
    filling.rename(folder / f"{name}.asked")
    answer = folder / f"{name}.answer"
    while not answer.exists():
        time.sleep(0.05)
    print(answer.read_text(), end="")


folder = pathlib.Path(sys.argv[1])
if sys.argv[2:3] == ["submit"]:
    submit(folder, sys.argv[3:])
else:
    serve(folder)
