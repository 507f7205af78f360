#!/usr/bin/env python3
"""A dispatch policy for nearfar in plain Python: the most urgent order to the courier who reaches its store first.

Every line on stdin is a question, every question is answered by one line on stdout with the same number "n".
docs/external-policy.md describes all fields. Print anything else to stderr, never to stdout.
"""
import json
import sys


def seconds(from_spot, to_spot):
    """Riding time on the straight streets of metric "manhattan"; spots are metres there."""
    metres = abs(from_spot[0] - to_spot[0]) + abs(from_spot[1] - to_spot[1])
    return metres * travel["detour_factor"] / (travel["speed_kmh"] / 3.6)


def decide(question):
    """One assignment for each courier who gets work: all the stops they still have to make, in sequence."""
    idle = {c["courier"]: c for c in question["couriers"] if c["idle_since_s"] is not None}
    assignments = []
    for order in sorted(question["orders"], key=lambda o: (o["promised_s"], o["order"])):
        if order["ready_s"] > question["t_s"] or not idle:
            continue  # not packed yet: it will be in the next question again
        best = min(idle.values(), key=lambda c: (seconds(c["spot"], order["store_spot"]), c["courier"]))
        del idle[best["courier"]]
        stops = [["pick_up", order["order"]], ["drop_off", order["order"]]]
        assignments.append({"courier": best["courier"], "stops": stops})
    return assignments


for line in sys.stdin:
    question = json.loads(line)
    if question["kind"] == "hello":  # the first line introduces the city; it wants an answer, but no decision
        travel = question["travel"]
        answer = {"n": question["n"]}
    else:
        answer = {"n": question["n"], "assignments": decide(question)}
    print(json.dumps(answer), flush=True)  # without flush the answer waits in a buffer, and is late
